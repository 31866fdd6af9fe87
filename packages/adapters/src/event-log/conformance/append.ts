import { expect, test } from 'vitest';
import { codeOf } from '../../testing/codeOf.ts';
import { type Made, type NewTopic, readAll, record, valuesOf } from './logUnderTest.ts';

/** What an append acknowledges, refuses and keeps. */
export function describeAppend(made: Made, newTopic: NewTopic): void {
  test('acknowledges each partition touched, with offsets without a gap', async () => {
    const topic = await newTopic(3);
    await made().log.append(topic, [record(2, 'k', 'earlier')]);
    const acks = await made().log.append(topic, [record(0, 'a', '0'), record(2, 'b', '1'), record(0, 'c', '2')]);
    const byPartition = [...acks].sort((a, b) => a.partition - b.partition);
    expect(byPartition.map(({ partition, baseOffset, count }) => ({ partition, baseOffset, count }))).toEqual([
      { partition: 0, baseOffset: 0, count: 2 },
      { partition: 2, baseOffset: 1, count: 1 },
    ]);
    expect(await made().log.offsets(topic, 0)).toEqual({ start: 0, end: 2 });
    expect(await made().log.offsets(topic, 1)).toEqual({ start: 0, end: 0 });
  });

  test('keeps the order within each partition', async () => {
    const topic = await newTopic(2);
    await made().log.append(
      topic,
      Array.from({ length: 100 }, (_, i) => record(i % 2, null, String(i))),
    );
    expect(valuesOf(await made().log.fetch(topic, 1, 0))).toEqual(
      Array.from({ length: 50 }, (_, i) => String(2 * i + 1)),
    );
  });

  test('appending nothing is answered with nothing', async () => {
    const topic = await newTopic(1);
    expect(await made().log.append(topic, [])).toEqual([]);
    expect(await made().log.offsets(topic, 0)).toEqual({ start: 0, end: 0 });
  });

  test('a record over the limit is `too_large`, and nothing of its call is written', async () => {
    const topic = await newTopic(1);
    const large = { partition: 0, key: null, value: new Uint8Array(made().tooLargeBytes) };
    expect(await codeOf(made().log.append(topic, [record(0, 'k', 'fine'), large]))).toBe('too_large');
    expect(await made().log.offsets(topic, 0)).toEqual({ start: 0, end: 0 });
  });

  test('concurrent appends all arrive, each in a run of its own', async () => {
    const topic = await newTopic(2);
    const calls = await Promise.all(
      Array.from({ length: 40 }, async (_, call) => ({
        call,
        acks: await made().log.append(
          topic,
          Array.from({ length: 6 }, (_, i) => record(i % 2, `${call}`, `${call}:${i}`)),
        ),
      })),
    );
    for (const partition of [0, 1]) {
      const found = await readAll(made().log, topic, partition);
      expect(found).toHaveLength(120);
      for (const { call, acks } of calls) {
        const ack = acks.find((one) => one.partition === partition);
        const run = found.slice(ack?.baseOffset, (ack?.baseOffset ?? 0) + (ack?.count ?? 0));
        expect(run.map(({ value }) => new TextDecoder().decode(value ?? new Uint8Array()))).toEqual(
          [0, 2, 4].map((i) => `${call}:${i + partition}`),
        );
      }
    }
  });

  test('what was acknowledged is there after closing and opening again', async () => {
    const topic = await newTopic(1);
    const { clusterId } = made().log;
    const [before] = await made().log.append(topic, [record(0, 'k', 'one')]);
    const again = await made().reopen();
    expect(again.clusterId).toBe(clusterId);
    expect(await again.partitionCount(topic)).toBe(1);
    const [after] = await again.append(topic, [record(0, 'k', 'two')]);
    expect(after?.baseOffset).toBe(1);
    expect(after?.appendTimeMs).toBeGreaterThanOrEqual(before?.appendTimeMs ?? Number.POSITIVE_INFINITY);
    expect(valuesOf(await again.fetch(topic, 0, 0))).toEqual(['one', 'two']);
  });
}
