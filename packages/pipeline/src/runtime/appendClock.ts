import type { LogBatch } from '../ports/logBatch.ts';

/**
 * The append clock of one partition as its reader takes it: it never goes back. A broker's clock may (it is set back, or
 * another broker with a slower one takes over); a record stamped earlier than one before it counts as that one's
 * contemporary. The newest time belongs to the checkpoint, so that a restart in the middle reads the same times.
 */
export class AppendClock {
  #newestMs: number;

  /** @param newestMs of the records before the first batch; -∞ at the log's start */
  constructor(newestMs: number = Number.NEGATIVE_INFINITY) {
    this.#newestMs = newestMs;
  }

  /** Raises the batch's times in place; call it once per batch, in the order of the log. Returns the batch. */
  hold(batch: LogBatch): LogBatch {
    const times = batch.appendTimesMs;
    let newestMs = this.#newestMs;
    for (let i = 0; i < batch.count; i++) {
      const ms = times[i] as number;
      if (ms > newestMs) newestMs = ms;
      else times[i] = newestMs;
    }
    this.#newestMs = newestMs;
    return batch;
  }
}
