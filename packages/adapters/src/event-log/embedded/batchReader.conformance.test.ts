import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BatchRecord, type EventLog, packBatch, recordAt, TICK_HEADER } from '@ebap/pipeline/ports';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openEmbeddedEventLog } from '../index.ts';

const HOUR_MS = 3_600_000;

const someRecord = fc.record({
  key: fc.option(fc.constantFrom('a', 'b', 'c', '')),
  value: fc.option(fc.string({ maxLength: 30 })),
  header: fc.constantFrom(undefined, 'trace', TICK_HEADER),
});
const anyMaxBytes = fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 200 }));
const appends = fc.array(fc.array(someRecord, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 8 });

function comparable({ offset, appendTimeMs, key, value, headers }: BatchRecord) {
  const text = (data: Uint8Array | null) => (data === null ? null : Buffer.from(data).toString('latin1'));
  return { offset, appendTimeMs, key: text(key), value: text(value), headers: Object.keys(headers ?? {}) };
}

let dir: string;
let log: EventLog;
let nowMs = 1_000_000_000_000;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'event-log-'));
  log = await openEmbeddedEventLog({ dir, clock: () => nowMs, minCompactionLagMs: HOUR_MS });
});
afterEach(async () => {
  await log.close();
  await rm(dir, { recursive: true });
});

/** Appends the groups and says what the partition should then hold. */
async function fill(
  topic: string,
  groups: readonly (readonly (typeof someRecord extends fc.Arbitrary<infer R> ? R : never)[])[],
) {
  const bytes = (text: string | null) => (text === null ? null : Buffer.from(text));
  const held: BatchRecord[] = [];
  for (const group of groups) {
    nowMs += 3;
    const records = group.map(({ key, value, header }) => ({
      partition: 0,
      key: bytes(key),
      value: bytes(value),
      headers: header === undefined ? undefined : { [header]: Buffer.from('1') },
    }));
    const [ack] = await log.append(topic, records);
    for (const [i, record] of records.entries()) {
      held.push({ ...record, offset: (ack?.baseOffset ?? 0) + i, appendTimeMs: ack?.appendTimeMs ?? 0 });
    }
  }
  return held;
}

/** Any fetch must be the front part of what the plain model holds from there on. */
async function expectFetch(topic: string, held: readonly BatchRecord[], end: number, from: number, maxBytes: number) {
  const batch = await log.fetch(topic, 0, from, { maxBytes });
  const rest = held.filter(({ offset }) => offset >= from);
  expect(batch.count).toBeGreaterThanOrEqual(Math.min(1, rest.length));
  const found = Array.from({ length: batch.count }, (_, i) => recordAt(batch, i));
  expect(found.map(comparable)).toEqual(rest.slice(0, batch.count).map(comparable));
  const plain = packBatch(
    { topic, partition: 0, nextOffset: (found.at(-1)?.offset ?? from - 1) + 1, endOffset: end, readThroughMs: 0 },
    found,
  );
  expect([...batch.ticks.subarray(0, batch.count)]).toEqual([...plain.ticks]);
  expect([batch.nextOffset, batch.endOffset]).toEqual([plain.nextOffset, plain.endOffset]);
  const following = rest[batch.count];
  if (following !== undefined) expect(following.appendTimeMs).toBeGreaterThan(batch.readThroughMs);
  const usedBytes = found
    .slice(0, -1)
    .reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0);
  expect(usedBytes).toBeLessThan(maxBytes);
}

test('every fetch of any log gives what the plain version gives', async () => {
  await fc.assert(
    fc.asyncProperty(appends, anyMaxBytes, async (groups, maxBytes) => {
      const topic = randomUUID();
      await log.createTopic({ name: topic, partitions: 1, cleanup: 'delete', retentionMs: 1_000 * HOUR_MS });
      const held = await fill(topic, groups);
      for (let from = 0; from <= held.length; from += 1) await expectFetch(topic, held, held.length, from, maxBytes);
    }),
    { numRuns: 40 },
  );
});

test('after compaction every fetch gives the newest record of each key, and tombstones', async () => {
  await fc.assert(
    fc.asyncProperty(appends, appends, anyMaxBytes, async (first, second, maxBytes) => {
      const topic = randomUUID();
      await log.createTopic({ name: topic, partitions: 1, cleanup: 'compact', retentionMs: 1_000 * HOUR_MS });
      const held = await fill(topic, first);
      nowMs += 2 * HOUR_MS;
      const young = await fill(topic, second);
      await log.applyRetention();
      const newest = new Map(held.map(({ key, offset }) => [String(key), offset]));
      const end = held.length + young.length;
      const kept = [...held.filter(({ key, offset }) => newest.get(String(key)) === offset), ...young];
      for (let from = 0; from <= end; from += 1) await expectFetch(topic, kept, end, from, maxBytes);
    }),
    { numRuns: 40 },
  );
});
