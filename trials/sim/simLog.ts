import { AppError } from '@ebap/pipeline/errors';
import {
  type AppendAck,
  type AppendRecord,
  type BatchRecord,
  type EventLog,
  type FetchOptions,
  type LogBatch,
  packBatch,
  type TopicSpec,
} from '@ebap/pipeline/ports';
import type { Actor } from './actor.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

interface Partition {
  readonly records: BatchRecord[];
  waiters: (() => void)[];
}

/** The log as the world keeps it; actors reach it through {@link SimLog.for}. */
export class SimLog {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #topics = new Map<string, readonly Partition[]>();
  /** `snapshot`: a fetch at the end knows the log's clock. `records`: only records tell how far the log is (Kafka). */
  readonly #knowledge: 'snapshot' | 'records';

  constructor(scheduler: Scheduler, random: Random, knowledge: 'snapshot' | 'records') {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#knowledge = knowledge;
  }

  createTopic(name: string, partitions: number): void {
    this.#topics.set(
      name,
      Array.from({ length: partitions }, () => ({ records: [], waiters: [] })),
    );
  }

  #partition(topic: string, partition: number): Partition {
    const found = this.#topics.get(topic)?.[partition];
    if (found === undefined) throw new AppError('not_found', `no partition ${topic}/${partition}`);
    return found;
  }

  records(topic: string, partition: number): readonly BatchRecord[] {
    return this.#partition(topic, partition).records;
  }

  partitions(topic: string): number {
    return this.#topics.get(topic)?.length ?? 0;
  }

  append(topic: string, records: readonly AppendRecord[]): readonly AppendAck[] {
    const acks = new Map<number, AppendAck>();
    for (const r of records) {
      const { records: log } = this.#partition(topic, r.partition);
      const appendTimeMs = Math.max(log[log.length - 1]?.appendTimeMs ?? 0, this.#scheduler.nowMs);
      const ack = acks.get(r.partition) ?? { partition: r.partition, baseOffset: log.length, count: 0, appendTimeMs };
      acks.set(r.partition, { ...ack, count: ack.count + 1 });
      log.push({ offset: log.length, appendTimeMs, key: r.key, value: r.value, headers: r.headers });
    }
    for (const partition of acks.keys()) {
      const p = this.#partition(topic, partition);
      const { waiters } = p;
      p.waiters = [];
      for (const wake of waiters) wake();
    }
    return [...acks.values()];
  }

  #read(topic: string, partition: number, from: number): LogBatch {
    const { records } = this.#partition(topic, partition);
    if (from > records.length)
      throw new AppError('offset_out_of_range', `${topic}/${partition} ends at ${records.length}`);
    const most = this.#random.chance(0.3) ? 1 + this.#random.int(5) : 1 + this.#random.int(400);
    const slice = records.slice(from, from + most);
    const next = from + slice.length;
    const lastMs = slice[slice.length - 1]?.appendTimeMs;
    const isEnd = next === records.length;
    const readThroughMs =
      this.#knowledge === 'snapshot' && isEnd
        ? this.#scheduler.nowMs - 1
        : lastMs === undefined
          ? Number.NEGATIVE_INFINITY
          : lastMs - 1;
    return packBatch({ topic, partition, nextOffset: next, endOffset: records.length, readThroughMs }, slice);
  }

  #fetch(topic: string, partition: number, from: number, options: FetchOptions): LogBatch | Promise<LogBatch> {
    const batch = this.#read(topic, partition, from);
    const waitMs = options.maxWaitMs ?? 0;
    if (batch.count > 0 || waitMs === 0) return batch;
    return new Promise((resolve) => {
      let done = false;
      const answer = (): void => {
        if (done) return;
        done = true;
        resolve(this.#read(topic, partition, from));
      };
      this.#partition(topic, partition).waiters.push(answer);
      this.#scheduler.after(waitMs, answer);
    });
  }

  /** The port as one process sees it. */
  for(actor: Actor): EventLog {
    return {
      clusterId: 'simulated',
      createTopic: (spec: TopicSpec) => actor.effect(() => this.createTopic(spec.name, spec.partitions)),
      partitionCount: (topic) => actor.effect(() => this.partitions(topic)),
      append: (topic, records) => actor.effect(() => this.append(topic, records)),
      fetch: (topic, partition, from, options = {}) => actor.effect(() => this.#fetch(topic, partition, from, options)),
      offsets: (topic, partition) =>
        actor.effect(() => ({ start: 0, end: this.#partition(topic, partition).records.length })),
      applyRetention: async () => ({ droppedRecords: 0, keptBytes: 0 }),
      close: async () => {},
    };
  }
}
