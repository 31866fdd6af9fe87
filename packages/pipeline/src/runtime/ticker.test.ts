import { describe, expect, test } from 'vitest';
import { AppError } from '../errors/index.ts';
import { TICK_HEADER } from '../ports/index.ts';
import { MemoryLog } from '../testing/memoryPorts.ts';
import { VirtualClock } from '../testing/virtualClock.ts';
import { Ticker } from './ticker.ts';

const AT = { topic: 'side', partition: 0 };
const { signal } = new AbortController();

function world(nowMs = 1_000) {
  const clock = new VirtualClock(nowMs);
  const log = new MemoryLog(clock);
  const times = () => log.records(AT.topic, AT.partition).map((r) => r.appendTimeMs);
  return { clock, log, times, ticker: new Ticker(log, clock) };
}

describe('a ticker', () => {
  test('appends a tick after the time that is asked for, unless there is one', async () => {
    const { clock, log, times, ticker } = world();
    expect(await clock.settle(ticker.tick(AT, 999, signal))).toBe(1_000);
    expect(await clock.settle(ticker.tick(AT, 999, signal))).toBe(1_000);
    expect(Object.keys(log.records(AT.topic, 0)[0]?.headers ?? {})).toEqual([TICK_HEADER]);
    expect(times()).toEqual([1_000]);
  });

  test('waits out a clock that is a little behind', async () => {
    const { clock, times, ticker } = world();
    expect(await clock.settle(ticker.tick(AT, 1_040, signal))).toBe(1_041);
    expect(times()).toEqual([1_000, 1_041]);
  });

  test('does not wait for one that is far behind', async () => {
    const { clock, times, ticker } = world();
    expect(await clock.settle(ticker.tick(AT, 1_500, signal))).toBe(1_000);
    expect(times()).toEqual([1_000]);
  });

  test('serves all who ask at the same time with one', async () => {
    const { clock, times, ticker } = world();
    await clock.settle(Promise.all([990, 995, 999].map((ms) => ticker.tick(AT, ms, signal))));
    expect(times()).toEqual([1_000]);
  });

  test('tells a fault to all who wait, and begins anew', async () => {
    const { clock, log, times, ticker } = world();
    log.faults.queue.push({ method: 'append', when: 'before' });
    const both = Promise.allSettled([ticker.tick(AT, 1, signal), ticker.tick(AT, 2, signal)]);
    const answers = await clock.settle(both);
    expect(answers.map((a) => a.status === 'rejected' && a.reason instanceof AppError)).toEqual([true, true]);
    await clock.settle(ticker.tick(AT, 3, signal));
    expect(times()).toEqual([1_000]);
  });

  test("knows the log's clock from its answers", async () => {
    const { clock, log, ticker } = world();
    expect(ticker.logNowMs).toBeNull();
    log.records(AT.topic, 0).push({ offset: 0, appendTimeMs: 1_300, key: null, value: null });
    await clock.settle(ticker.tick(AT, 0, signal));
    expect(ticker.logNowMs).toBe(1_300);
    await clock.settle(clock.sleep(50));
    expect(ticker.logNowMs).toBe(1_350);
  });
});
