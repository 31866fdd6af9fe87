import { describe, expect, test } from 'vitest';
import { AppError } from '../errors/index.ts';
import { VirtualClock } from '../testing/virtualClock.ts';
import { retry } from './index.ts';

const away = () => new AppError('unavailable', 'away', { retryable: true });

describe('a retried call', () => {
  test('is repeated with growing waits up to 2 s until it succeeds', async () => {
    const clock = new VirtualClock(0);
    let calls = 0;
    const call = async (): Promise<string> => {
      if (++calls <= 10) throw away();
      return 'done';
    };
    expect(await clock.settle(retry(clock, new AbortController().signal, call))).toBe('done');
    expect(clock.slept).toEqual([20, 40, 80, 160, 320, 640, 1_280, 2_000, 2_000, 2_000]);
  });

  test.each([new AppError('conflict', 'no'), new Error('bug')])('passes other faults on at once: %s', async (fault) => {
    const clock = new VirtualClock(0);
    await expect(retry(clock, new AbortController().signal, () => Promise.reject(fault))).rejects.toBe(fault);
    expect(clock.slept).toEqual([]);
  });

  test('is not made when the signal has aborted', async () => {
    let calls = 0;
    const call = async (): Promise<number> => ++calls;
    await expect(retry(new VirtualClock(0), AbortSignal.abort(), call)).rejects.toMatchObject({ code: 'cancelled' });
    expect(calls).toBe(0);
  });

  test('ends when the signal aborts while it waits', async () => {
    const clock = new VirtualClock(0);
    const stop = new AbortController();
    const result = retry(clock, stop.signal, () => Promise.reject(away()));
    setImmediate(() => stop.abort());
    await expect(result).rejects.toMatchObject({ code: 'cancelled' });
  });
});
