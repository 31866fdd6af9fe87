import { join } from 'node:path';
import { openEmbeddedEventLog } from '@ebap/adapters/event-log';
import { openEmbeddedHotStore } from '@ebap/adapters/hot-store';
import { GRAIN_MS, GRAINS, PARTITIONS, TOPICS } from '@ebap/pipeline/contracts';
import { hotKeys } from '@ebap/pipeline/hot';
import { type BatchRecord, type EventLog, type HotStore, recordAt } from '@ebap/pipeline/ports';
import type { Evidence } from '../oracle/oracle.ts';

const HOUR_MS = 3_600_000;

/** Where the log and the hot store are, and what of them is asked for. */
export interface EvidenceSource {
  readonly log: EventLog;
  readonly hot: HotStore;
  /** Of the topics keyed by workspace and user. */
  readonly partitions: number;
  readonly rawSchemaId: number;
  readonly workspaces: readonly string[];
  /** Nothing happened before. */
  readonly fromMs: number;
}

/** Reads a stopped platform's embedded log and hot store, whole, for the oracle. */
export async function readEmbeddedEvidence(
  dataDir: string,
  rawSchemaId: number,
  workspaces: readonly string[],
  fromMs: number,
): Promise<Evidence> {
  const log = await openEmbeddedEventLog({ dir: join(dataDir, 'log') });
  const hot = await openEmbeddedHotStore({ dir: join(dataDir, 'hot') });
  try {
    const partitions = PARTITIONS.embedded.keyed;
    return await readEvidence({ log, hot, partitions, rawSchemaId, workspaces, fromMs });
  } finally {
    await hot.close();
    await log.close();
  }
}

/** Reads a log and a hot store at rest, whole, for the oracle. */
export async function readEvidence(source: EvidenceSource): Promise<Evidence> {
  const { log, hot, partitions, rawSchemaId, workspaces, fromMs } = source;
  const records = new Map<string, readonly BatchRecord[]>();
  for (let p = 0; p < partitions; p++)
    for (const topic of [TOPICS.eventsRaw, TOPICS.cdcUsers]) records.set(`${topic}/${p}`, await readAll(log, topic, p));
  records.set(`${TOPICS.cdcReference}/0`, await readAll(log, TOPICS.cdcReference, 0));
  const toMs = Math.max(
    ...[...records].filter(([k]) => k.startsWith(TOPICS.eventsRaw)).map(([, r]) => r[r.length - 1]?.appendTimeMs ?? 0),
  );
  const hashes: (readonly [string, readonly (readonly [string, string])[]])[] = [];
  for (const workspace of workspaces)
    for (const key of keysBetween(workspace, fromMs - 2 * HOUR_MS, toMs + HOUR_MS)) {
      const fields = await hot.readHash(key);
      if (fields.size > 0) hashes.push([key, [...fields]]);
    }
  return {
    partitions,
    rawSchemaId,
    ignoreThroughMs: 0,
    shownThroughMs: toMs,
    records: (topic, partition) => records.get(`${topic}/${partition}`) ?? [],
    hashes: () => hashes,
  };
}

function* keysBetween(workspace: string, fromMs: number, toMs: number): Iterable<string> {
  for (const grain of GRAINS) {
    const ms = GRAIN_MS[grain];
    for (let start = Math.floor(fromMs / ms) * ms; start <= toMs; start += ms)
      yield hotKeys.window(workspace, grain, start);
  }
  for (let minute = Math.floor(fromMs / 60_000) * 60_000; minute <= toMs; minute += 60_000)
    yield hotKeys.ledger(workspace, minute);
}

async function readAll(log: EventLog, topic: string, partition: number): Promise<readonly BatchRecord[]> {
  const found: BatchRecord[] = [];
  const { start, end } = await log.offsets(topic, partition);
  for (let at = start; at < end; ) {
    const batch = await log.fetch(topic, partition, at, { maxBytes: 8 << 20, maxWaitMs: 1_000 });
    for (let i = 0; i < batch.count; i++) found.push(recordAt(batch, i));
    at = batch.nextOffset;
  }
  return found;
}
