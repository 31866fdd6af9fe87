import { setTimeout as sleep } from 'node:timers/promises';
import { TOPICS } from '@ebap/pipeline/contracts';
import { AppError, isAppError } from '@ebap/pipeline/errors';
import type { AppendRecord, EventLog } from '@ebap/pipeline/ports';
import { type QuantileSummary, Quantiles } from '../../../apps/simulator/src/load/index.ts';
import type { EventBatch } from './eventBatch.ts';

export interface ProduceOptions {
  /** Events per second, never exceeded; null: as many as the log takes. */
  readonly ratePerSecond: number | null;
  /** So many and no more. */
  readonly events: number;
  /** Appends that wait for their acknowledgement at once. */
  readonly inFlight: number;
}

export interface ProduceReport {
  /** Distinct events that the log acknowledged. */
  readonly produced: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Time by which the schedule was put off because the log took no more, ms. */
  readonly stalledMs: number;
  /** Appends whose outcome was unknown, and that were sent again as they were. */
  readonly retries: number;
  /** From the append to its acknowledgement. */
  readonly appendMs: QuantileSummary;
  readonly encodedBytes: number;
  /** When the last one was acknowledged, ms since the epoch. */
  readonly endedMs: number;
}

/** Up to this lag the schedule is caught up; behind it, it is put off. */
const CATCH_UP_MS = 250;
const RETRY_AFTER_MS = 100;

/**
 * Appends events on schedule until there are enough or `signal`, then waits for what is under way. Each has the time at
 * which it is appended, less its place in the interval of its batch.
 * @param onAcknowledged is called with how many have been acknowledged so far
 * @throws AppError when the log will never take them
 */
export async function produce(
  log: EventLog,
  pool: readonly EventBatch[],
  options: ProduceOptions,
  signal: AbortSignal,
  onAcknowledged: (produced: number) => void,
): Promise<ProduceReport> {
  return new ProduceRun(log, pool, options, onAcknowledged).run(signal);
}

class ProduceRun {
  readonly #log: EventLog;
  readonly #pool: readonly EventBatch[];
  readonly #options: ProduceOptions;
  readonly #onAcknowledged: (produced: number) => void;
  readonly #sending = new Set<Promise<void>>();
  readonly #latency = new Quantiles();
  #produced = 0;
  #bytes = 0;
  #retries = 0;
  #stalledMs = 0;
  #fault: unknown = null;

  constructor(
    log: EventLog,
    pool: readonly EventBatch[],
    options: ProduceOptions,
    onAcknowledged: (produced: number) => void,
  ) {
    this.#log = log;
    this.#pool = pool;
    this.#options = options;
    this.#onAcknowledged = onAcknowledged;
  }

  async run(signal: AbortSignal): Promise<ProduceReport> {
    const startMs = performance.now();
    let dueMs = startMs;
    let left = this.#options.events;
    for (let sequence = 0; left > 0 && !signal.aborted && this.#fault === null; sequence++) {
      const batch = this.#pool[sequence % this.#pool.length];
      if (batch === undefined) throw new AppError('internal', 'The pool is empty.');
      dueMs = await this.#untilDue(dueMs, signal);
      if (signal.aborted) break;
      const intervalMs = this.#intervalMs(batch.size);
      this.#launch(this.#fill(batch, sequence, intervalMs).slice(0, left));
      dueMs += intervalMs;
      left -= batch.size;
    }
    await Promise.all(this.#sending);
    if (this.#fault !== null) throw this.#fault;
    return this.#report((performance.now() - startMs) / 1_000);
  }

  #intervalMs(records: number): number {
    const { ratePerSecond } = this.#options;
    return ratePerSecond === null ? 0 : (records / ratePerSecond) * 1_000;
  }

  #fill(batch: EventBatch, sequence: number, intervalMs: number): readonly AppendRecord[] {
    const nowMs = Date.now();
    return batch.fill(sequence, (i) => nowMs - Math.floor(intervalMs * (1 - i / batch.size)));
  }

  /** Waits for the time and for room. Returns the time at which the batch counts as due. */
  async #untilDue(dueMs: number, signal: AbortSignal): Promise<number> {
    const earlyMs = dueMs - performance.now();
    if (earlyMs > 1) await sleep(earlyMs, undefined, { signal }).catch(() => undefined);
    while (this.#sending.size >= this.#options.inFlight) await Promise.race(this.#sending);
    const lagMs = performance.now() - dueMs;
    if (this.#options.ratePerSecond === null || lagMs <= CATCH_UP_MS) return dueMs;
    this.#stalledMs += lagMs;
    return dueMs + lagMs;
  }

  #launch(records: readonly AppendRecord[]): void {
    const sending = this.#untilAcknowledged(records)
      .catch((error: unknown) => {
        this.#fault ??= error;
      })
      .finally(() => {
        this.#sending.delete(sending);
      });
    this.#sending.add(sending);
  }

  /** Sends the same records until they are acknowledged: those that came twice are known by their ids. */
  async #untilAcknowledged(records: readonly AppendRecord[]): Promise<void> {
    const startMs = performance.now();
    for (;;) {
      try {
        await this.#log.append(TOPICS.eventsRaw, records);
        break;
      } catch (error) {
        if (!isAppError(error) || !error.retryable) throw error;
        this.#retries++;
        await sleep(RETRY_AFTER_MS);
      }
    }
    this.#latency.add(performance.now() - startMs);
    this.#produced += records.length;
    for (const { value } of records) this.#bytes += value?.length ?? 0;
    this.#onAcknowledged(this.#produced);
  }

  #report(seconds: number): ProduceReport {
    return {
      produced: this.#produced,
      seconds: Math.round(seconds * 1_000) / 1_000,
      perSecond: Math.round(this.#produced / seconds),
      stalledMs: Math.round(this.#stalledMs),
      retries: this.#retries,
      appendMs: this.#latency.summary(),
      encodedBytes: this.#bytes,
      endedMs: Date.now(),
    };
  }
}
