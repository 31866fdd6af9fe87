import { isAppError } from '@ebap/pipeline/errors';
import type { LogBatch, RegisteredSchema, SchemaRegistry } from '@ebap/pipeline/ports';
import { type Rewrite, type SchemaVersions, wireSchemaId } from '@ebap/pipeline/tasks';
import { canonicalSchema, parseSchema, transcoder } from './avro/index.ts';

export interface SchemaVersionsOptions {
  readonly registry: SchemaRegistry;
  /** The version that this build reads as it is. */
  readonly own: RegisteredSchema;
  /** ms since the epoch. */
  nowMs(): number;
}

/** An id that the registry does not have is asked for again after this time. */
const FORGET_UNKNOWN_MS = 30_000;
const MOST_UNKNOWN = 10_000;

/**
 * Reads every version of the own schema that the registry holds, older and newer ones alike: whatever Avro schema
 * resolves to the own one, in whichever subject it stands. An id of something else, or one that the registry does not
 * know, can't be read. Ids never change their meaning: what was found stays.
 */
export function openSchemaVersions({ registry, own, nowMs }: SchemaVersionsOptions): SchemaVersions {
  const readers = new Map<number, 'as-is' | Rewrite>([[own.id, 'as-is']]);
  const unknownAtMs = new Map<number, number>();

  const isMissing = (id: number): boolean =>
    !readers.has(id) && nowMs() - (unknownAtMs.get(id) ?? Number.NEGATIVE_INFINITY) > FORGET_UNKNOWN_MS;

  async function load(id: number): Promise<void> {
    const reader = await readerFor(registry, own, id);
    if (reader !== null) {
      readers.set(id, reader);
      unknownAtMs.delete(id);
      return;
    }
    // A flood of invented ids makes the registry be asked more often, not this process grow.
    if (unknownAtMs.size >= MOST_UNKNOWN) unknownAtMs.clear();
    unknownAtMs.set(id, nowMs());
  }

  return {
    reader: (id) => (id === own.id ? 'as-is' : (readers.get(id) ?? null)),
    prepare(batch) {
      const missing = otherSchemaIds(batch, own.id, isMissing);
      if (missing.size === 0) return null;
      return async () => {
        for (const id of missing) if (isMissing(id)) await load(id);
      };
    },
  };
}

/** Ids in the batch beside the own one that `isMissing`. Looks at every record: hot. */
function otherSchemaIds(batch: LogBatch, ownId: number, isMissing: (id: number) => boolean): ReadonlySet<number> {
  const found = new Set<number>();
  let lastId = ownId;
  for (let i = 0; i < batch.count; i++) {
    const start = batch.valueStarts[i] as number;
    if (start < 0) continue;
    const id = wireSchemaId(batch.bytes, start, batch.valueEnds[i] as number);
    if (id === lastId || id < 0) continue;
    lastId = id;
    if (id !== ownId && isMissing(id)) found.add(id);
  }
  return found;
}

/** @throws AppError `unavailable` (retryable) */
async function readerFor(
  registry: SchemaRegistry,
  own: RegisteredSchema,
  id: number,
): Promise<'as-is' | Rewrite | null> {
  let written: RegisteredSchema;
  try {
    written = await registry.byId(id);
  } catch (error) {
    if (isAppError(error) && error.code === 'not_found') return null;
    throw error;
  }
  try {
    if (canonicalSchema(written.schema) === canonicalSchema(own.schema)) return 'as-is';
    return transcoder(parseSchema(own.schema), parseSchema(written.schema));
  } catch (error) {
    // Something that is no Avro schema: JSON Schema, Protobuf. Anybody may write its id; it must stop nobody.
    if (isAppError(error) && error.code === 'bad_request') return null;
    throw error;
  }
}
