import type { EventLog } from '../ports/eventLog.ts';
import type { LogBatch } from '../ports/logBatch.ts';
import { AppendClock } from './appendClock.ts';
import type { SourcePosition } from './sourcePosition.ts';

/** A partition that is merged into a task's primary one by append time, read only as far as the merge needs. */
export class SideSource {
  readonly topic: string;
  readonly partition: number;
  readonly #topicId: string;
  readonly #log: EventLog;
  #batch: LogBatch | null = null;
  #index = 0;
  #nextOffset: number;
  #readThroughMs = Number.NEGATIVE_INFINITY;
  readonly #clock: AppendClock;
  /** Append time of the newest record read, and whether the last empty answer told more than that. */
  #newestMs: number;
  #tellsTime = false;
  /** Append time of the newest record handed out. */
  #takenMs: number;

  constructor(log: EventLog, from: SourcePosition) {
    this.#log = log;
    this.topic = from.topic;
    this.#topicId = from.topicId;
    this.partition = from.partition;
    this.#nextOffset = from.nextOffset;
    this.#takenMs = from.appendMs;
    this.#newestMs = from.appendMs;
    this.#clock = new AppendClock(from.appendMs);
  }

  /** Before the first record that was not handed out yet: what a checkpoint must restart from. */
  get position(): SourcePosition {
    const batch = this.#batch;
    const isWaiting = batch !== null && this.#index < batch.count;
    return {
      topic: this.topic,
      topicId: this.#topicId,
      partition: this.partition,
      nextOffset: isWaiting ? (batch.offsets[this.#index] as number) : this.#nextOffset,
      appendMs: this.#takenMs,
    };
  }

  /** True if everything up to the append time is in the buffer or has been handed out. */
  knows(appendTimeMs: number): boolean {
    return this.#readThroughMs >= appendTimeMs;
  }

  /** How much of the time before `appendTimeMs` nothing is known of, while nothing is buffered; else 0. */
  unknownMs(appendTimeMs: number): number {
    return this.headMs < Number.POSITIVE_INFINITY ? 0 : Math.max(0, appendTimeMs - this.#readThroughMs);
  }

  /** True if only a record can tell that nothing more comes up to `appendTimeMs`, and none is known that does. */
  needsTick(appendTimeMs: number): boolean {
    return !this.#tellsTime && !this.knows(appendTimeMs);
  }

  /** Reads one batch more, if the buffered one is used up. */
  async read(maxWaitMs: number, signal: AbortSignal): Promise<void> {
    if (this.#batch !== null && this.#index < this.#batch.count) return;
    const batch = await this.#log.fetch(this.topic, this.partition, this.#nextOffset, { maxWaitMs, signal });
    this.#batch = this.#clock.hold(batch);
    this.#index = 0;
    this.#nextOffset = batch.nextOffset;
    // Where the log's clock was set back, what is held tells more than the adapter can know.
    if (batch.count > 0) this.#newestMs = batch.appendTimesMs[batch.count - 1] as number;
    else this.#tellsTime = batch.readThroughMs >= Math.max(0, this.#newestMs);
    const heldMs = batch.count > 0 ? this.#newestMs - 1 : Number.NEGATIVE_INFINITY;
    this.#readThroughMs = Math.max(this.#readThroughMs, batch.readThroughMs, heldMs);
  }

  /** Append time of the next buffered record; infinite if there is none. */
  get headMs(): number {
    const batch = this.#batch;
    return batch !== null && this.#index < batch.count
      ? (batch.appendTimesMs[this.#index] as number)
      : Number.POSITIVE_INFINITY;
  }

  /** Hands out the buffered records with an append time ≤ the given one. */
  take(appendTimeMs: number, use: (batch: LogBatch, from: number, to: number) => void): void {
    const batch = this.#batch;
    if (batch === null) return;
    const from = this.#index;
    let to = from;
    while (to < batch.count && (batch.appendTimesMs[to] as number) <= appendTimeMs) to++;
    if (to === from) return;
    this.#index = to;
    this.#takenMs = batch.appendTimesMs[to - 1] as number;
    use(batch, from, to);
  }

  /** True if the merge is known up to `appendTimeMs` and no buffered record is that old. */
  isClearAt(appendTimeMs: number): boolean {
    return this.headMs > appendTimeMs && this.knows(appendTimeMs);
  }

  /** Primary records strictly before `headMs` and up to what is known may go. */
  allows(appendTimeMs: number): boolean {
    return appendTimeMs < this.headMs && appendTimeMs <= this.#readThroughMs;
  }
}
