import { describe, expect, test } from 'vitest';
import { MemoryLog } from '../testing/memoryPorts.ts';
import { VirtualClock } from '../testing/virtualClock.ts';
import { SideSource } from './sideSource.ts';

const { signal } = new AbortController();

/** A side with records at the given append times. */
async function side(times: readonly number[], nowMs: number, knowledge: 'clock' | 'records' = 'clock') {
  const clock = new VirtualClock(nowMs);
  const log = new MemoryLog(clock, knowledge);
  times.forEach((appendTimeMs, offset) => {
    log.records('side', 0).push({ offset, appendTimeMs, key: null, value: new Uint8Array([offset]) });
  });
  const start = { topic: 'side', topicId: 'x', partition: 0, nextOffset: 0, appendMs: Number.NEGATIVE_INFINITY };
  return { log, clock, source: new SideSource(log, start) };
}

function taken(source: SideSource, upToMs: number): readonly number[] {
  const offsets: number[] = [];
  source.take(upToMs, (batch, from, to) => {
    for (let i = from; i < to; i++) offsets.push(batch.offsets[i] ?? -1);
  });
  return offsets;
}

describe('a side source', () => {
  test('knows nothing before it has read', async () => {
    const { source } = await side([10], 100);
    expect([source.isClearAt(5), source.allows(5), source.knows(5), source.position.nextOffset]).toEqual([
      false,
      false,
      false,
      0,
    ]);
    expect(taken(source, 1_000)).toEqual([]);
  });

  test('hands out what is not newer than the merge, each record once', async () => {
    const { source } = await side([10, 20, 20, 30], 100);
    await source.read(0, signal);
    expect(taken(source, 9)).toEqual([]);
    expect(taken(source, 20)).toEqual([0, 1, 2]);
    expect(taken(source, 20)).toEqual([]);
    expect(source.position.nextOffset).toBe(3);
    expect(taken(source, 99)).toEqual([3]);
    expect(source.position.nextOffset).toBe(4);
  });

  test('lets primary records go that are strictly before its next one', async () => {
    const { source } = await side([20], 100);
    await source.read(0, signal);
    expect([source.allows(19), source.allows(20), source.isClearAt(19), source.isClearAt(20)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    taken(source, 20);
    expect([source.allows(20), source.allows(99), source.allows(100)]).toEqual([true, true, false]);
  });

  test('where only records tell the time, is known only to before its last one', async () => {
    const { source } = await side([20], 100, 'records');
    await source.read(0, signal);
    taken(source, 20);
    expect([source.knows(19), source.knows(20), source.isClearAt(20)]).toEqual([true, false, false]);
  });

  test('reads on only when its buffer is used up', async () => {
    const { source, log } = await side([10, 20, 30], 100);
    log.fetchMaxRecords = 2;
    await source.read(0, signal);
    await source.read(0, signal);
    expect(source.headMs).toBe(10);
    expect(taken(source, 99)).toEqual([0, 1]);
    await source.read(0, signal);
    expect(source.headMs).toBe(30);
    expect(taken(source, 99)).toEqual([2]);
    expect(source.headMs).toBe(Number.POSITIVE_INFINITY);
  });

  test('tells how much of the time before a moment is unknown, as long as nothing is buffered', async () => {
    const { source } = await side([20], 100, 'records');
    expect(source.unknownMs(50)).toBe(Number.POSITIVE_INFINITY);
    await source.read(0, signal);
    expect(source.unknownMs(50)).toBe(0);
    taken(source, 20);
    expect([source.unknownMs(19), source.unknownMs(50)]).toEqual([0, 31]);
  });

  test('tells the append time of what it has handed out, not of what it holds', async () => {
    const { source } = await side([10, 20, 30], 100);
    await source.read(0, signal);
    expect(source.position.appendMs).toBe(Number.NEGATIVE_INFINITY);
    taken(source, 20);
    expect(source.position).toMatchObject({ nextOffset: 2, appendMs: 20 });
  });

  test('takes a record that is stamped earlier than one before it as that one’s contemporary', async () => {
    const { source } = await side([50, 20], 100);
    await source.read(0, signal);
    expect(taken(source, 49)).toEqual([]);
    expect(taken(source, 50)).toEqual([0, 1]);
    expect(source.position.appendMs).toBe(50);
  });

  test('with a record buffered after the clock was set back, the time before it is known', async () => {
    const { source, log } = await side([10, 100, 20], 100, 'records');
    log.fetchMaxRecords = 1;
    await source.read(0, signal);
    expect(taken(source, 10)).toEqual([0]);
    log.fetchMaxRecords = 2;
    await source.read(0, signal);
    expect([source.headMs, source.isClearAt(60), source.allows(60)]).toEqual([100, true, true]);
  });

  test('that can’t read keeps what it has', async () => {
    const { source, log } = await side([10], 100);
    log.faults.queue.push({ method: 'fetch', when: 'before' });
    await expect(source.read(0, signal)).rejects.toMatchObject({ code: 'unavailable' });
    expect(source.position.nextOffset).toBe(0);
    await source.read(0, signal);
    expect(taken(source, 99)).toEqual([0]);
  });

  test.each([
    ['clock', false],
    ['records', true],
  ] as const)('needs a tick to be known further only where the %s tells the time', async (knowledge, needed) => {
    const { source, clock } = await side([10], 100, knowledge);
    await source.read(0, signal);
    taken(source, 10);
    await clock.settle(source.read(20, signal));
    expect([source.needsTick(115), source.needsTick(9)]).toEqual([needed, false]);
  });

  test('of a partition that never held a record needs one', async () => {
    const { source } = await side([], 100, 'records');
    await source.read(0, signal);
    expect(source.needsTick(1)).toBe(true);
  });
});
