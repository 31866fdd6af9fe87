import { AppError } from '@ebap/pipeline/errors';

const FASTEST_POLL_MS = 2;
const SLOWEST_POLL_MS = 10;
const BACK_OFF = 1.3;

interface Waiter {
  readonly seen: number;
  readonly wake: () => void;
}

/**
 * Waits for the log to move on. However many fetches wait, one small row is polled for all of them: quickly after
 * something happened, then ever more slowly; appends of this process wake them at once.
 */
export class LogTail {
  readonly #readLogTimeMs: () => number;
  readonly #waiters = new Set<Waiter>();
  #timer: NodeJS.Timeout | undefined;
  #pollMs = FASTEST_POLL_MS;

  constructor(readLogTimeMs: () => number) {
    this.#readLogTimeMs = readLogTimeMs;
  }

  /**
   * Resolves when the log's clock has passed `seenLogTimeMs` or after `timeoutMs`.
   * @throws AppError `cancelled` when the signal aborts.
   */
  wait(seenLogTimeMs: number, timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        this.#waiters.delete(waiter);
        clearTimeout(timeout);
        signal?.removeEventListener('abort', onAbort);
        settle();
      };
      const onAbort = (): void => finish(() => reject(cancelled(signal)));
      const waiter: Waiter = { seen: seenLogTimeMs, wake: () => finish(resolve) };
      const timeout = setTimeout(waiter.wake, timeoutMs);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      this.#schedule();
    });
  }

  /** The log may have moved: look now. */
  poke(): void {
    if (this.#waiters.size === 0) return;
    const logTimeMs = this.#readLogTimeMs();
    let moved = false;
    for (const waiter of [...this.#waiters]) {
      if (waiter.seen >= logTimeMs) continue;
      moved = true;
      waiter.wake();
    }
    this.#pollMs = moved ? FASTEST_POLL_MS : Math.min(SLOWEST_POLL_MS, this.#pollMs * BACK_OFF);
  }

  /** Lets every waiter go. */
  close(): void {
    clearTimeout(this.#timer);
    for (const waiter of [...this.#waiters]) waiter.wake();
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.poke();
      if (this.#waiters.size > 0) this.#schedule();
    }, this.#pollMs);
  }
}

export function cancelled(signal: AbortSignal | undefined): AppError {
  return new AppError('cancelled', 'The wait was cancelled.', { cause: signal?.reason });
}
