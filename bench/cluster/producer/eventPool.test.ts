import { decodeRawEvent, eventKey, PARTITIONS, partitionFor, RawEventView } from '@ebap/pipeline/contracts';
import type { AppendRecord } from '@ebap/pipeline/ports';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { EventBatch } from './eventBatch.ts';
import { buildEventPool } from './eventPool.ts';

const text = new TextDecoder();
const NOW_MS = 1_795_255_200_000;
const BATCH = 500;

interface Seen {
  readonly outcome: string;
  readonly id: string;
  readonly user: string;
  readonly timestampMs: number;
}

const view = new RawEventView();

function read({ value }: AppendRecord): Seen {
  const bytes = value ?? new Uint8Array();
  const outcome = decodeRawEvent(bytes, 5, bytes.length, view);
  return {
    outcome,
    id: [view.id0, view.id1, view.id2, view.id3].join('-'),
    user: text.decode(bytes.subarray(view.userStart, view.userEnd)),
    timestampMs: view.timestampMs,
  };
}

describe('the pool of encoded events', () => {
  let pool: readonly EventBatch[] = [];
  beforeAll(async () => {
    pool = await buildEventPool(
      { workspace: 'meridian', users: 200, seed: 1, batchRecords: BATCH, schemaId: 7 },
      NOW_MS,
    );
  }, 120_000);

  test('fills in ids that never come again, and the times it is told', () => {
    const sequences = fc.uniqueArray(fc.nat({ max: 2 ** 40 }), { minLength: 2, maxLength: 3 });
    const times = fc.integer({ min: 1_200_000_000_000, max: 2_100_000_000_000 });
    fc.assert(
      fc.property(sequences, times, (filled, fromMs) => {
        const events = filled.flatMap((n) => (pool[0]?.fill(n, (i) => fromMs + i) ?? []).map(read));
        expect(new Set(events.map((e) => e.id)).size).toBe(filled.length * BATCH);
        expect(events.every((e, n) => e.outcome === 'ok' && e.timestampMs === fromMs + (n % BATCH))).toBe(true);
      }),
      { numRuns: 5 },
    );
  });

  test('keys each event as the edge does', () => {
    const wrong = pool
      .flatMap((batch) => batch.fill(1, () => NOW_MS))
      .filter((record) => {
        const key = record.key ?? new Uint8Array();
        const isKeyed = text.decode(key) === eventKey('meridian', read(record).user);
        return !isKeyed || record.partition !== partitionFor(key, PARTITIONS.cluster.keyed);
      });
    expect(wrong).toEqual([]);
  });

  test('has everybody in it, and is filled anew without changing what was filled before', () => {
    const batch = pool[0];
    const first = batch?.fill(1, () => NOW_MS) ?? [];
    const before = first.map(read);
    batch?.fill(2, () => NOW_MS + 1);
    expect(first.map(read)).toEqual(before);
    expect(new Set(pool.flatMap((b) => b.fill(1, () => NOW_MS).map((r) => read(r).user))).size).toBe(200);
  });
});
