import { recordAt, TICK_HEADER } from '@ebap/pipeline/ports';
import { expect, test } from 'vitest';
import { type Made, type NewTopic, record, recordsOf } from './logUnderTest.ts';

/** Append times, ticks, and how far a partition is known. */
export function describeTime(made: Made, newTopic: NewTopic): void {
  test('marks ticks', async () => {
    const topic = await newTopic(1);
    const tick = { partition: 0, key: null, value: null, headers: { [TICK_HEADER]: new Uint8Array(0) } };
    await made().log.append(topic, [record(0, 'k', 'v'), tick, record(0, null, null)]);
    const batch = await made().log.fetch(topic, 0, 0);
    expect([...batch.ticks.subarray(0, 3)]).toEqual([0, 1, 0]);
    expect(recordAt(batch, 1)).toMatchObject({ key: null, value: null });
  });

  test('append times are those acknowledged and never go back', async () => {
    const topic = await newTopic(1);
    const acks = [];
    for (let i = 0; i < 10; i += 1) acks.push(...(await made().log.append(topic, [record(0, null, String(i))])));
    const times = recordsOf(await made().log.fetch(topic, 0, 0)).map(({ appendTimeMs }) => appendTimeMs);
    expect(times).toEqual(acks.map(({ appendTimeMs }) => appendTimeMs));
    expect([...times].sort((a, b) => a - b)).toEqual(times);
  });

  test('no later record is as old as what a fetch said it had read through', async () => {
    const topic = await newTopic(2);
    let writing = true;
    const writer = (async () => {
      for (let i = 0; i < 60; i += 1) await made().log.append(topic, [record(i % 2, null, 'x'), record(0, null, 'y')]);
      writing = false;
    })();
    let next = 0;
    let readThroughMs = Number.NEGATIVE_INFINITY;
    for (;;) {
      const last = !writing;
      const batch = await made().log.fetch(topic, 0, next, { maxBytes: 3 });
      for (const { appendTimeMs } of recordsOf(batch)) expect(appendTimeMs).toBeGreaterThan(readThroughMs);
      expect(batch.readThroughMs).toBeGreaterThanOrEqual(readThroughMs);
      readThroughMs = batch.readThroughMs;
      next = batch.nextOffset;
      if (last && batch.count === 0) break;
    }
    await writer;
    expect(next).toBe(90);
  });
}
