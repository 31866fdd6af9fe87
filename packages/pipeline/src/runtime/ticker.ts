import type { Clock } from '../ports/clock.ts';
import { type AppendAck, type EventLog, TICK_HEADER } from '../ports/index.ts';
import type { TopicPartition } from './taskKind.ts';

/** Leaders of partitions keep their own clocks; one that is further behind than this is not waited for. */
const MAX_SKEW_MS = 100;
const TICK_MARK = new Uint8Array([1]);

/** What is known of the log's clock in a partition. */
interface PartitionClock {
  /** Append time of the newest tick. */
  newestMs: number;
  /** A tick that is on its way. */
  running: Promise<void> | null;
}

/**
 * One worker's ticks: records that carry nothing but the log's clock. Tasks that need the same partition's clock at the
 * same time share one. Anybody's extra tick is harmless.
 */
export class Ticker {
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #partitions = new Map<string, PartitionClock>();
  #offsetMs: number | null = null;

  constructor(log: EventLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** The log's clock now, by the newest answer: behind by its way here, never ahead. Null before the first tick. */
  get logNowMs(): number | null {
    return this.#offsetMs === null ? null : this.#clock.nowMs() + this.#offsetMs;
  }

  /**
   * Sees to it that the partition holds a record that was appended after `afterMs`, unless its clock is far behind that.
   * Returns the append time of the newest tick.
   * @throws AppError like {@link EventLog.append}; `cancelled`.
   */
  async tick(at: TopicPartition, afterMs: number, signal: AbortSignal): Promise<number> {
    const known = this.#partition(at);
    while (known.newestMs <= afterMs) {
      // One that is on its way was perhaps stamped before: the next one is asked for when it is known.
      if (known.running !== null) await known.running;
      else {
        known.running = this.#append(at, known);
        await known.running;
        const behindMs = afterMs + 1 - known.newestMs;
        if (behindMs > MAX_SKEW_MS) break;
        if (behindMs > 0) await this.#clock.sleep(behindMs, signal);
      }
    }
    return known.newestMs;
  }

  #partition({ topic, partition }: TopicPartition): PartitionClock {
    const key = `${topic}/${partition}`;
    let known = this.#partitions.get(key);
    if (known === undefined) {
      known = { newestMs: Number.NEGATIVE_INFINITY, running: null };
      this.#partitions.set(key, known);
    }
    return known;
  }

  async #append({ topic, partition }: TopicPartition, known: PartitionClock): Promise<void> {
    try {
      const tick = { partition, key: null, value: null, headers: { [TICK_HEADER]: TICK_MARK } };
      const [ack] = (await this.#log.append(topic, [tick])) as readonly [AppendAck];
      known.newestMs = ack.appendTimeMs;
      this.#offsetMs = ack.appendTimeMs - this.#clock.nowMs();
    } finally {
      known.running = null;
    }
  }
}
