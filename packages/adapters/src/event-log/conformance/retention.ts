import { TICK_HEADER } from '@ebap/pipeline/ports';
import { expect, test } from 'vitest';
import { type Made, type NewTopic, readAll, record, valuesOf } from './logUnderTest.ts';

/** Retention and compaction, as far as every log can show them without waiting for hours. */
export function describeRetention(made: Made, newTopic: NewTopic): void {
  test('retention may be applied at any time and leaves young records alone', async () => {
    const topic = await newTopic(1);
    await made().log.append(topic, [record(0, 'k', 'v')]);
    const report = await made().log.applyRetention();
    expect(report.keptBytes).toBeGreaterThanOrEqual(0);
    expect(valuesOf(await made().log.fetch(topic, 0, 0))).toEqual(['v']);
  });

  test('a compacted topic may be written and read like any other', async () => {
    const topic = await newTopic(1, { cleanup: 'compact' });
    await made().log.append(topic, [record(0, 'k', '1'), record(0, 'k', '2'), record(0, 'gone', null)]);
    const found = await readAll(made().log, topic, 0);
    expect(found.at(-1)).toMatchObject({ offset: 2, value: null });
  });

  test('a compacted topic takes ticks, which have neither key nor value', async () => {
    const topic = await newTopic(1, { cleanup: 'compact' });
    const tick = { partition: 0, key: null, value: null, headers: { [TICK_HEADER]: new Uint8Array(0) } };
    await made().log.append(topic, [tick, record(0, 'k', 'v'), tick]);
    const batch = await made().log.fetch(topic, 0, 0);
    expect([...batch.ticks.subarray(0, 3)]).toEqual([1, 0, 1]);
    expect([batch.keyStarts[0], batch.valueStarts[0]]).toEqual([-1, -1]);
  });
}
