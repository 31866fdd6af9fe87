import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BatchRecord, packBatch, recordAt, TICK_HEADER } from './index.ts';

const POSITION = { topic: 't', partition: 1, nextOffset: 9, endOffset: 12, readThroughMs: 99 };
const records: fc.Arbitrary<readonly BatchRecord[]> = fc.array(
  fc.record({
    offset: fc.nat(),
    appendTimeMs: fc.nat(),
    key: fc.option(fc.uint8Array()),
    value: fc.option(fc.uint8Array()),
    headers: fc.option(fc.constant({ source: new Uint8Array([1]) }), { nil: undefined }),
  }),
);

test('a packed batch holds its records as they were', () => {
  fc.assert(
    fc.property(records, (written) => {
      const batch = packBatch(POSITION, written);
      expect(batch).toMatchObject({ ...POSITION, count: written.length });
      expect(written.map((_, i) => recordAt(batch, i))).toEqual(written);
    }),
  );
});

test('an empty key is not a missing one', () => {
  const batch = packBatch(POSITION, [
    { offset: 0, appendTimeMs: 1, key: new Uint8Array(0), value: null },
    { offset: 1, appendTimeMs: 1, key: null, value: new Uint8Array(0) },
  ]);
  expect(recordAt(batch, 0)).toMatchObject({ key: new Uint8Array(0), value: null });
  expect(recordAt(batch, 1)).toMatchObject({ key: null, value: new Uint8Array(0) });
});

test('a record with the tick header is a tick, one with other headers is not', () => {
  const tick = { offset: 0, appendTimeMs: 1, key: null, value: null };
  const batch = packBatch(POSITION, [
    { ...tick, headers: { [TICK_HEADER]: new Uint8Array([1]) } },
    { ...tick, headers: { other: new Uint8Array(0) } },
    tick,
  ]);
  expect([...batch.ticks]).toEqual([1, 0, 0]);
});

test('there is nothing beyond the end of a batch', () => {
  expect(recordAt(packBatch(POSITION, []), 0)).toEqual({ offset: -1, appendTimeMs: 0, key: null, value: null });
});
