import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 5_000;

/** Waits between tries: doubling, with jitter, ended at once by the signal. */
export class Backoff {
  readonly #signal: AbortSignal;
  #waitMs = FIRST_WAIT_MS;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  reset(): void {
    this.#waitMs = FIRST_WAIT_MS;
  }

  async wait(): Promise<void> {
    const waitMs = this.#waitMs * (0.5 + Math.random() / 2);
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
    await sleep(waitMs, undefined, { signal: this.#signal }).catch(() => {});
  }
}
