import { randomBytes, randomUUID } from 'node:crypto';
import { encodeRawEvent, PARTITIONS } from '@ebap/pipeline/contracts';
import { AppError } from '@ebap/pipeline/errors';
import { buildTemplates, parseLoadOptions } from '../../../apps/simulator/src/load/index.ts';
import { parseEventRecord } from '../../../apps/web/server/ingest/eventRecord.ts';
import type { ParsedEvent } from '../../../apps/web/server/ingest/outcome.ts';
import type { SubjectKeyring } from '../../../apps/web/server/ingest/ports.ts';
import { toRawEvent } from '../../../apps/web/server/ingest/recorder.ts';
import { SubjectDirectory } from '../../../apps/web/server/ingest/subjects.ts';
import { type EncodedEvent, EventBatch } from './eventBatch.ts';

export interface EventPoolOptions {
  readonly workspace: string;
  readonly users: number;
  readonly seed: number;
  readonly batchRecords: number;
  /** Id of the raw event schema in the registry. */
  readonly schemaId: number;
}

/** Keys that nobody keeps: what is sealed under them has the right length, and can't be read again. */
const FORGETFUL_KEYRING: SubjectKeyring = {
  keysFor: async (_, userIds) =>
    new Map(userIds.map((userId) => [userId, { keyId: randomUUID(), dataKey: randomBytes(32) }])),
};

/**
 * The load generator's events as the HTTP edge writes them to the log: its checks, ciphers, keys and partitions, done
 * beforehand. Everybody occurs once per round of the pool.
 * @param nowMs makes the ids of each pool its own
 */
export async function buildEventPool(options: EventPoolOptions, nowMs: number): Promise<readonly EventBatch[]> {
  const { workspace, schemaId } = options;
  const events = loadEvents(options, nowMs);
  const partitions = PARTITIONS.cluster.keyed;
  const subjects = new SubjectDirectory({ keyring: FORGETFUL_KEYRING, partitions, nowMs: () => nowMs });
  const known = await subjects.resolve(
    workspace,
    events.map((event) => event.userId),
  );
  const encoded = events.map((event): EncodedEvent => {
    const subject = known.get(event.userId);
    if (subject === undefined) throw new AppError('internal', 'a subject was not resolved');
    const value = encodeRawEvent(toRawEvent(workspace, event, subject), schemaId);
    return { key: Buffer.from(subject.keyBytes), partition: subject.partition, value, id: event.id };
  });
  const batches = Math.floor(encoded.length / options.batchRecords);
  return Array.from(
    { length: batches },
    (_, n) => new EventBatch(encoded.slice(n * options.batchRecords, (n + 1) * options.batchRecords)),
  );
}

function loadEvents({ workspace, users, seed, batchRecords }: EventPoolOptions, nowMs: number): ParsedEvent[] {
  const numbers = { users, seed, batch: batchRecords };
  const args = ['--key', 'none', '--workspace', workspace];
  for (const [name, value] of Object.entries(numbers)) args.push(`--${name}`, String(value));
  const templates = buildTemplates(
    parseLoadOptions(args, () => ''),
    nowMs,
  );
  return templates.flatMap(({ request }) =>
    request
      .fill(0, () => nowMs)
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => {
        const outcome = parseEventRecord(JSON.parse(line), nowMs);
        if (!outcome.ok) throw new AppError('internal', `The edge refuses an event: ${outcome.rejection.message}`);
        return outcome.event;
      }),
  );
}
