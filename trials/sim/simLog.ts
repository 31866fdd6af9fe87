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
  /** With append times as a reader must take them: never going back. */
  readonly records: BatchRecord[];
  /** What the log stamped on each record. */
  readonly stampsMs: number[];
  /** How far the clock of the partition's broker is behind. */
  behindMs: number;
  waiters: (() => void)[];
}

/** Of appends, at which the clock of the partition's broker is set back, and at which it is set right again. */
const SET_BACK = 0.001;
const SET_RIGHT = 0.1;
const MOST_BEHIND_MS = 20_000;

/** The log as the world keeps it; actors reach it through {@link SimLog.for}. */
export class SimLog {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #topics = new Map<string, readonly Partition[]>();
  /**
   * `snapshot`: a fetch at the end knows the log's clock, which never goes back. `records`: only records tell how far
   * the log is, stamped by a clock that may be set back (Kafka).
   */
  readonly #knowledge: 'snapshot' | 'records';

  constructor(scheduler: Scheduler, random: Random, knowledge: 'snapshot' | 'records') {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#knowledge = knowledge;
  }

  createTopic(name: string, partitions: number): void {
    this.#topics.set(
      name,
      Array.from({ length: partitions }, () => ({ records: [], stampsMs: [], behindMs: 0, waiters: [] })),
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
      const p = this.#partition(topic, r.partition);
      const { records: log } = p;
      if (this.#knowledge === 'records') {
        if (p.behindMs > 0 && this.#random.chance(SET_RIGHT)) p.behindMs = 0;
        else if (this.#random.chance(SET_BACK)) p.behindMs = this.#random.int(MOST_BEHIND_MS);
      }
      const stampMs = this.#scheduler.nowMs - p.behindMs;
      const appendTimeMs = Math.max(log[log.length - 1]?.appendTimeMs ?? 0, stampMs);
      const ack = acks.get(r.partition) ?? { partition: r.partition, baseOffset: log.length, count: 0, appendTimeMs };
      acks.set(r.partition, { ...ack, count: ack.count + 1 });
      p.stampsMs.push(stampMs);
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
    const { records, stampsMs } = this.#partition(topic, partition);
    if (from > records.length)
      throw new AppError('offset_out_of_range', `${topic}/${partition} ends at ${records.length}`);
    const most = this.#random.chance(0.3) ? 1 + this.#random.int(5) : 1 + this.#random.int(400);
    const slice = records
      .slice(from, from + most)
      .map((r, i) => ({ ...r, appendTimeMs: stampsMs[from + i] ?? r.appendTimeMs }));
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
      topicId: () => actor.effect(() => 'simulated'),
      append: (topic, records) => actor.effect(() => this.append(topic, records)),
      fetch: (topic, partition, from, options = {}) => actor.effect(() => this.#fetch(topic, partition, from, options)),
      offsets: (topic, partition) =>
        actor.effect(() => ({ start: 0, end: this.#partition(topic, partition).records.length })),
      applyRetention: async () => ({ droppedRecords: 0, keptBytes: 0 }),
      close: async () => {},
    };
  }
}
