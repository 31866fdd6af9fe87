import { setImmediate as turn } from 'node:timers/promises';
import { AppError } from '../errors/index.ts';
import type { Clock } from '../ports/index.ts';

/** A clock that stands still until {@link VirtualClock.run} moves it from one sleeper to the next. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];
  /** How long each sleep was asked for. */
  readonly slept: number[] = [];

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.slept.push(ms);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const cancel = (): void => reject(new AppError('cancelled', 'sleep was cancelled'));
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    this.#sleepers.push({ atMs: this.#nowMs + ms, wake: resolve });
    return promise;
  }

  /** Lets everything that can run now run, then moves on to the next sleeper, until the condition holds. */
  async run(until: () => boolean): Promise<void> {
    for (let turns = 0; ; turns++) {
      await turn();
      if (until()) return;
      if (turns > 20_000) throw new AppError('timeout', 'the condition never came true');
      if (turns % 3 !== 2) continue;
      const next = this.#sleepers.reduce((first, s) => Math.min(first, s.atMs), Number.POSITIVE_INFINITY);
      if (next === Number.POSITIVE_INFINITY) continue;
      this.#nowMs = Math.max(this.#nowMs, next);
      const due = this.#sleepers.filter((s) => s.atMs <= this.#nowMs);
      this.#sleepers = this.#sleepers.filter((s) => s.atMs > this.#nowMs);
      for (const s of due) s.wake();
    }
  }

  /** Runs until the promise is settled and returns its value. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const done = (): void => {
      settled = true;
    };
    promise.then(done, done);
    await this.run(() => settled);
    return promise;
  }
}
