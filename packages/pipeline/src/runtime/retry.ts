import { AppError, isAppError } from '../errors/index.ts';
import type { Clock } from '../ports/clock.ts';

const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 2_000;

/**
 * Repeats a call that failed with a retryable fault until it succeeds, with growing waits. Only for calls that may
 * be repeated. Other faults pass through; `cancelled` when the signal aborts.
 */
export async function retry<T>(clock: Clock, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    if (signal.aborted) throw new AppError('cancelled', 'stopped while retrying');
    try {
      return await call();
    } catch (error) {
      if (!isAppError(error) || !error.retryable) throw error;
    }
    await clock.sleep(waitMs, signal);
  }
}
