import type { LogBatch } from '../../ports/logBatch.ts';

/** Rewrites a value, `bytes[start, end)` without its header, as this build's schema would have it; null if it can't be. */
export type Rewrite = (bytes: Uint8Array, start: number, end: number) => Uint8Array | null;

/** The versions of the raw event's schema that values on the log may have. */
export interface SchemaVersions {
  /** How values with the id are read: as they are, rewritten, or (null) not at all. */
  reader(schemaId: number): 'as-is' | Rewrite | null;
  /** Loads the versions a batch needs and that are not known yet; null if there are none. */
  prepare(batch: LogBatch): (() => Promise<void>) | null;
}

/** Of one version only, this build's. */
export function onlySchema(schemaId: number): SchemaVersions {
  return { reader: (id) => (id === schemaId ? 'as-is' : null), prepare: () => null };
}

/** Schema id of the value's wire header (a zero byte and four of the id), or -1 if it has none. */
export function wireSchemaId(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < WIRE_HEADER_BYTES || bytes[start] !== 0) return -1;
  return (
    (((bytes[start + 1] as number) << 24) |
      ((bytes[start + 2] as number) << 16) |
      ((bytes[start + 3] as number) << 8) |
      (bytes[start + 4] as number)) >>>
    0
  );
}

export const WIRE_HEADER_BYTES = 5;
