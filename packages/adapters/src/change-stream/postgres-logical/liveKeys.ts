import { type EventLog, recordAt } from '@ebap/pipeline/ports';

/** Where a key's newest value lies. */
interface Place {
  readonly partition: number;
  readonly offset: number;
}

const text = new TextDecoder();

/**
 * The keys that the topic says exist. A new snapshot shows what there is, never what has gone: keys that it does not
 * show were deleted while nobody listened.
 */
export class LiveKeys {
  readonly #log: EventLog;
  readonly #topic: string;
  readonly #places = new Map<string, Place>();

  private constructor(log: EventLog, topic: string) {
    this.#log = log;
    this.#topic = topic;
  }

  /** Reads the whole (compacted) topic. */
  static async read(log: EventLog, topic: string, signal: AbortSignal): Promise<LiveKeys> {
    const keys = new LiveKeys(log, topic);
    const partitions = await log.partitionCount(topic);
    for (let partition = 0; partition < partitions; partition++) {
      const { start, end } = await log.offsets(topic, partition);
      for (let next = start; next < end && !signal.aborted; ) next = await keys.#readOn(partition, next, end);
    }
    return keys;
  }

  seen(key: string): void {
    this.#places.delete(key);
  }

  /** Keys never seen, each with the row of its newest value. */
  async *unseen(): AsyncGenerator<{ readonly key: string; readonly value: Uint8Array }> {
    for (const [key, { partition, offset }] of this.#places) {
      const batch = await this.#log.fetch(this.#topic, partition, offset, { maxBytes: 1 });
      const { value } = recordAt(batch, 0);
      if (value !== null) yield { key, value };
    }
  }

  async #readOn(partition: number, from: number, end: number): Promise<number> {
    const batch = await this.#log.fetch(this.#topic, partition, from);
    for (let i = 0; i < batch.count; i++) {
      const { key, value, offset } = recordAt(batch, i);
      if (key === null) continue;
      if (value === null) this.#places.delete(text.decode(key));
      else this.#places.set(text.decode(key), { partition, offset });
    }
    return batch.count === 0 ? end : batch.nextOffset;
  }
}
