import { isAppError } from '@ebap/pipeline/errors';
import type { AppendRecord, EventLog } from '@ebap/pipeline/ports';
import { Backoff } from './backoff.ts';
import { type Lsn, NO_LSN } from './lsn.ts';

/** What one record counts as in the stream's status. */
export interface Delivered {
  readonly op: 'r' | 'c' | 'u' | 'd';
  readonly commitMs: number;
}

/** Above this much waiting, reading pauses until half of it is appended. */
const HIGH_WATER_BYTES = 8 << 20;

/**
 * Appends changes in order, one append at a time: whatever came in meanwhile goes together with the next. A position
 * is confirmed when everything before it is durable in the log.
 */
export class Delivery {
  readonly #log: EventLog;
  readonly #topic: string;
  readonly #onDelivered: (changes: readonly Delivered[]) => void;
  readonly #onPressure: (isHigh: boolean) => void;
  readonly #onFault: (error: unknown) => void;
  readonly #stopped: AbortSignal;
  #records: AppendRecord[] = [];
  #changes: Delivered[] = [];
  #bytes = 0;
  #isHigh = false;
  #isFinished = false;
  #reached: Lsn = NO_LSN;
  #confirmed: Lsn;
  #running: Promise<void> | null = null;

  constructor(
    target: { readonly log: EventLog; readonly topic: string; readonly from: Lsn; readonly stopped: AbortSignal },
    on: {
      delivered(changes: readonly Delivered[]): void;
      pressure(isHigh: boolean): void;
      fault(error: unknown): void;
    },
  ) {
    this.#log = target.log;
    this.#topic = target.topic;
    this.#confirmed = target.from;
    this.#stopped = target.stopped;
    this.#onDelivered = on.delivered;
    this.#onPressure = on.pressure;
    this.#onFault = on.fault;
  }

  /** Everything before this position is in the log. */
  get confirmed(): Lsn {
    return this.#confirmed;
  }

  add(records: readonly AppendRecord[], change: Delivered): void {
    if (this.#isFinished) return;
    for (const record of records) {
      this.#records.push(record);
      this.#bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0);
    }
    this.#changes.push(change);
    if (!this.#isHigh && this.#bytes > HIGH_WATER_BYTES) {
      this.#setPressure(true);
      // A transaction this large goes in pieces; its position is confirmed with its last one.
      this.#start();
    }
  }

  /** What was added so far is all there is before `lsn`. */
  reach(lsn: Lsn): void {
    if (this.#isFinished) return;
    if (lsn > this.#reached) this.#reached = lsn;
    if (this.#records.length > 0) this.#start();
    else if (this.#running === null) this.#confirm(this.#reached);
  }

  /** Takes nothing more, and resolves when no append is under way. */
  async finish(): Promise<void> {
    this.#isFinished = true;
    while (this.#running !== null) await this.#running;
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  async #run(): Promise<void> {
    while (this.#records.length > 0) {
      const [records, changes, reached] = [this.#records, this.#changes, this.#reached];
      this.#records = [];
      this.#changes = [];
      this.#bytes = 0;
      if (!(await this.#append(records))) return;
      this.#onDelivered(changes);
      this.#confirm(reached);
      if (this.#isHigh && this.#bytes < HIGH_WATER_BYTES / 2) this.#setPressure(false);
    }
    this.#confirm(this.#reached);
  }

  /** False if it was given up. */
  async #append(records: readonly AppendRecord[]): Promise<boolean> {
    const backoff = new Backoff(this.#stopped);
    for (;;) {
      try {
        await this.#log.append(this.#topic, records);
        return true;
      } catch (error) {
        this.#onFault(error);
        if (!isAppError(error) || !error.retryable || this.#stopped.aborted) return false;
        await backoff.wait();
      }
    }
  }

  #confirm(lsn: Lsn): void {
    if (lsn > this.#confirmed) this.#confirmed = lsn;
  }

  #setPressure(isHigh: boolean): void {
    this.#isHigh = isHigh;
    this.#onPressure(isHigh);
  }
}
