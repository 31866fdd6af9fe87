import { expect, test } from 'vitest';
import { codeOf } from '../../testing/codeOf.ts';
import { type Made, type NewTopic, record, valuesOf, watched } from './logUnderTest.ts';

const A_DAY_MS = 86_400_000;

/** What a fetch does at the end of the log. */
export function describeWaits(made: Made, newTopic: NewTopic): void {
  test('at the end it answers with an empty batch', async () => {
    const topic = await newTopic(1);
    await made().log.append(topic, [record(0, 'k', 'v')]);
    expect(await made().log.fetch(topic, 0, 1)).toMatchObject({ count: 0, nextOffset: 1, endOffset: 1 });
  });

  test('at the end it waits for the next record', async () => {
    const topic = await newTopic(1);
    const waiting = watched(made().log.fetch(topic, 0, 0, { maxWaitMs: A_DAY_MS }));
    expect((await made().log.fetch(topic, 0, 0)).count).toBe(0);
    expect(waiting.isSettled()).toBe(false);
    await made().log.append(topic, [record(0, 'k', 'new')]);
    expect(valuesOf(await waiting.promise)).toEqual(['new']);
  });

  test('a wait ends with its time: short ones before long ones', async () => {
    const topic = await newTopic(1);
    const controller = new AbortController();
    const ended: string[] = [];
    const wait = async (name: string, maxWaitMs: number) => {
      expect((await made().log.fetch(topic, 0, 0, { maxWaitMs })).count).toBe(0);
      ended.push(name);
    };
    const endless = watched(codeOf(made().log.fetch(topic, 0, 0, { maxWaitMs: A_DAY_MS, signal: controller.signal })));
    await Promise.all([wait('long', 150), wait('short', 50), wait('none', 0)]);
    expect(ended).toEqual(['none', 'short', 'long']);
    expect(endless.isSettled()).toBe(false);
    controller.abort();
    await endless.promise;
  });

  test('an abort ends a wait with `cancelled`', async () => {
    const topic = await newTopic(1);
    const controller = new AbortController();
    const waiting = watched(codeOf(made().log.fetch(topic, 0, 0, { maxWaitMs: A_DAY_MS, signal: controller.signal })));
    await made().log.fetch(topic, 0, 0);
    expect(waiting.isSettled()).toBe(false);
    controller.abort();
    expect(await waiting.promise).toBe('cancelled');
    const late = made().log.fetch(topic, 0, 0, { maxWaitMs: A_DAY_MS, signal: controller.signal });
    expect(await codeOf(late)).toBe('cancelled');
  });
}
