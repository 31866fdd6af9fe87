import { expect, test } from 'vitest';
import { storedBatch } from '../records/testing/storedBatch.ts';
import { PartitionReader } from './partitionReader.ts';

const NOTHING = Buffer.alloc(0);

function answer(records: Buffer, end: number) {
  const at = { topicId: 'id', partition: 0, errorCode: 0, highWatermark: end, lastStableOffset: end };
  return { ...at, aborted: [], records };
}

function one(offset: number, appendTimeMs: number): Buffer {
  const record = { key: null, value: new Uint8Array(1), appendTimeMs };
  return storedBatch({ baseOffset: offset, records: [record], appendTimeMs });
}

test('at the end, a partition is known to just before its newest record, whoever has read that', () => {
  const reader = new PartitionReader(true);
  expect(reader.read('t', 5, answer(one(5, 100), 6)).batch.readThroughMs).toBe(99);
  expect(reader.read('t', 6, answer(NOTHING, 6)).batch.readThroughMs).toBe(99);
});

test('an empty answer from before what another reader has seen meanwhile tells nothing of its time', () => {
  const reader = new PartitionReader(true);
  reader.read('t', 4, answer(one(4, 80), 5));
  reader.read('t', 5, answer(Buffer.concat([one(5, 90), one(6, 100)]), 7));
  const overtaken = reader.read('t', 5, answer(NOTHING, 5)).batch;
  expect(overtaken.readThroughMs).toBeLessThan(90);
  expect(reader.read('t', 7, answer(NOTHING, 7)).batch.readThroughMs).toBe(99);
});
