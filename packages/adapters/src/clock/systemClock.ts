import { AppError } from '@ebap/pipeline/errors';
import type { Clock } from '@ebap/pipeline/ports';

/** Node's timers take at most 2^31 - 1 ms; longer sleeps are made of several. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    let leftMs = Math.max(0, ms);
    do {
      const sliceMs = Math.min(leftMs, LONGEST_TIMER_MS);
      await timer(sliceMs, signal);
      leftMs -= sliceMs;
    } while (leftMs > 0);
  },
};

function timer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => {
      clearTimeout(timeout);
      reject(new AppError('cancelled', 'The sleep was cancelled.', { cause: signal?.reason }));
    };
    const timeout = setTimeout(() => {
      signal?.removeEventListener('abort', cancel);
      resolve();
    }, ms);
    if (signal?.aborted) cancel();
    else signal?.addEventListener('abort', cancel, { once: true });
  });
}
