import { isAppError } from '@ebap/pipeline/errors';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from './index.ts';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** How a sleep stands: `sleeping`, `over`, or the code it was rejected with. */
function watch(sleep: Promise<void>): { state: string } {
  const watched = { state: 'sleeping' };
  sleep.then(
    () => {
      watched.state = 'over';
    },
    (error: unknown) => {
      watched.state = isAppError(error) ? error.code : 'other';
    },
  );
  return watched;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('systemClock', () => {
  test('tells the time of the machine', () => {
    vi.setSystemTime(1_790_000_000_123);
    expect(systemClock.nowMs()).toBe(1_790_000_000_123);
  });

  test('sleeps for as long as it was asked to', async () => {
    const sleep = watch(systemClock.sleep(30));
    await vi.advanceTimersByTimeAsync(29);
    expect(sleep.state).toBe('sleeping');
    await vi.advanceTimersByTimeAsync(1);
    expect(sleep.state).toBe('over');
  });

  test('a negative sleep is over at once', async () => {
    const sleep = watch(systemClock.sleep(-5));
    await vi.advanceTimersByTimeAsync(0);
    expect(sleep.state).toBe('over');
  });

  test('an abort ends a sleep with `cancelled`, and leaves no timer behind', async () => {
    const controller = new AbortController();
    const sleep = watch(systemClock.sleep(60_000, controller.signal));
    await vi.advanceTimersByTimeAsync(59_999);
    expect(sleep.state).toBe('sleeping');
    controller.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(sleep.state).toBe('cancelled');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a sleep under an aborted signal does not start', async () => {
    const sleep = watch(systemClock.sleep(60_000, AbortSignal.abort()));
    await vi.advanceTimersByTimeAsync(0);
    expect(sleep.state).toBe('cancelled');
  });

  test('a sleep beyond the longest timer lasts to its end', async () => {
    const sleep = watch(systemClock.sleep(LONGEST_TIMER_MS + 1_000));
    await vi.advanceTimersByTimeAsync(LONGEST_TIMER_MS);
    await vi.advanceTimersByTimeAsync(999);
    expect(sleep.state).toBe('sleeping');
    await vi.advanceTimersByTimeAsync(1);
    expect(sleep.state).toBe('over');
  });
});
