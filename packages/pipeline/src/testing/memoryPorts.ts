import { AppError } from '../errors/index.ts';
import {
  type AppendAck,
  type AppendRecord,
  type BatchRecord,
  type Checkpoint,
  type CheckpointCommit,
  type CheckpointStore,
  type CommitResult,
  type EventLog,
  type FetchOptions,
  type FileIO,
  type HotFlush,
  type HotFlushResult,
  type HotStore,
  type Lease,
  type LogBatch,
  packBatch,
} from '../ports/index.ts';
import type { VirtualClock } from './virtualClock.ts';

/** A fault of the next call of a method: before it took effect, or after (the answer is lost). */
export interface Fault {
  readonly method: string;
  readonly when: 'before' | 'after';
  readonly error?: AppError;
}

/** Faults to come, in order. */
class Faults {
  readonly queue: Fault[] = [];

  async around<T>(method: string, effect: () => T): Promise<T> {
    const at = this.queue.findIndex((f) => f.method === method);
    const [fault] = at < 0 ? [] : this.queue.splice(at, 1);
    const error = fault?.error ?? new AppError('unavailable', `${method} is away`, { retryable: true });
    if (fault?.when === 'before') throw error;
    const value = effect();
    if (fault?.when === 'after') throw error;
    return value;
  }
}

/** A log in memory. `knowledge`: whether a fetch at the end knows the log's clock, or only records tell it. */
export class MemoryLog implements EventLog {
  readonly clusterId = 'memory';
  readonly faults = new Faults();
  readonly #clock: VirtualClock;
  readonly #knowledge: 'clock' | 'records';
  readonly #topics = new Map<string, BatchRecord[][]>();
  /** First offset still kept, by `topic/partition`. */
  readonly starts = new Map<string, number>();
  /** Ids of topics that were made anew. */
  readonly topicIds = new Map<string, string>();
  fetchMaxRecords = 100;

  constructor(clock: VirtualClock, knowledge: 'clock' | 'records' = 'clock') {
    this.#clock = clock;
    this.#knowledge = knowledge;
  }

  records(topic: string, partition: number): BatchRecord[] {
    const partitions = this.#topics.get(topic) ?? [];
    this.#topics.set(topic, partitions);
    partitions[partition] ??= [];
    return partitions[partition];
  }

  async createTopic(): Promise<void> {}

  async partitionCount(topic: string): Promise<number> {
    return this.#topics.get(topic)?.length ?? 0;
  }

  async topicId(topic: string): Promise<string> {
    return this.topicIds.get(topic) ?? 'memory';
  }

  append(topic: string, records: readonly AppendRecord[]): Promise<readonly AppendAck[]> {
    return this.faults.around('append', () =>
      records.map((r): AppendAck => {
        const log = this.records(topic, r.partition);
        const appendTimeMs = Math.max(this.#clock.nowMs(), log.at(-1)?.appendTimeMs ?? 0);
        log.push({ offset: log.length, appendTimeMs, key: r.key, value: r.value, headers: r.headers });
        return { partition: r.partition, baseOffset: log.length - 1, count: 1, appendTimeMs };
      }),
    );
  }

  async fetch(topic: string, partition: number, fromOffset: number, options: FetchOptions = {}): Promise<LogBatch> {
    const read = (): LogBatch => this.#read(topic, partition, fromOffset);
    const batch = await this.faults.around('fetch', read);
    if (batch.count > 0 || !options.maxWaitMs) return batch;
    await this.#clock.sleep(options.maxWaitMs, options.signal);
    return read();
  }

  #read(topic: string, partition: number, fromOffset: number): LogBatch {
    const all = this.records(topic, partition);
    const slice = all.slice(fromOffset, fromOffset + this.fetchMaxRecords);
    const nextOffset = fromOffset + slice.length;
    const atEnd = nextOffset === all.length;
    const lastMs = slice.at(-1)?.appendTimeMs ?? Number.NEGATIVE_INFINITY;
    const readThroughMs = atEnd && this.#knowledge === 'clock' ? this.#clock.nowMs() - 1 : lastMs - 1;
    return packBatch({ topic, partition, nextOffset, endOffset: all.length, readThroughMs }, slice);
  }

  offsets(topic: string, partition: number): Promise<{ readonly start: number; readonly end: number }> {
    return this.faults.around('offsets', () => ({
      start: this.starts.get(`${topic}/${partition}`) ?? 0,
      end: this.records(topic, partition).length,
    }));
  }

  async applyRetention(): Promise<{ readonly droppedRecords: number; readonly keptBytes: number }> {
    return { droppedRecords: 0, keptBytes: 0 };
  }

  async close(): Promise<void> {}
}

/** Hashes with fences. */
export class MemoryHot implements HotStore {
  readonly faults = new Faults();
  readonly flushes: HotFlush[] = [];
  readonly hashes = new Map<string, Map<string, string>>();
  readonly fences = new Map<string, { readonly epoch: number; readonly offset: number }>();

  flush(flush: HotFlush): Promise<HotFlushResult> {
    return this.faults.around('flush', () => {
      const { scope, epoch, offset } = flush.fence;
      const found = this.fences.get(scope) ?? null;
      if (found !== null && (found.epoch > epoch || (found.epoch === epoch && found.offset >= offset)))
        return { status: 'fenced' as const, found };
      this.flushes.push(flush);
      for (const { key, field, value } of flush.writes) {
        const hash = this.hashes.get(key) ?? new Map<string, string>();
        if (value === null) hash.delete(field);
        else hash.set(field, value);
        this.hashes.set(key, hash);
      }
      this.fences.set(scope, { epoch, offset });
      return { status: 'applied' as const, found };
    });
  }

  /** Everything is gone, the fences too. */
  lose(): void {
    this.hashes.clear();
    this.fences.clear();
  }

  async readHash(key: string): Promise<ReadonlyMap<string, string>> {
    return this.hashes.get(key) ?? new Map();
  }

  async readFields(keys: readonly string[], fields: readonly string[]): Promise<(string | null)[][]> {
    return keys.map((k) => fields.map((f) => this.hashes.get(k)?.get(f) ?? null));
  }

  async sequence(): Promise<number> {
    return this.flushes.length;
  }

  async subscribe(): Promise<{ close(): Promise<void> }> {
    return { close: async () => {} };
  }

  async sweep(): Promise<void> {}
  async close(): Promise<void> {}
}

/** Files by name. */
export class MemoryFiles implements FileIO {
  readonly faults = new Faults();
  readonly files = new Map<string, Uint8Array>();

  write(name: string, chunks: readonly Uint8Array[]): Promise<{ readonly bytes: number }> {
    return this.faults.around('write', () => {
      if (this.files.has(name)) throw new AppError('conflict', `${name} exists`);
      const bytes = Uint8Array.from(chunks.flatMap((c) => [...c]));
      this.files.set(name, bytes);
      return { bytes: bytes.length };
    });
  }

  read(name: string): Promise<Uint8Array> {
    return this.faults.around('read', () => {
      const bytes = this.files.get(name);
      if (bytes === undefined) throw new AppError('not_found', `no file ${name}`);
      return bytes;
    });
  }

  async remove(name: string): Promise<void> {
    this.files.delete(name);
  }

  async *list(): AsyncIterable<{ readonly name: string; readonly bytes: number; readonly modifiedMs: number }> {}
}

interface Held {
  readonly owner: string | null;
  readonly epoch: number;
  readonly untilMs: number;
}

/** Leases, intents and checkpoints. */
export class MemoryStore implements CheckpointStore {
  readonly faults = new Faults();
  readonly leases = new Map<string, Held>();
  readonly checkpoints = new Map<string, Checkpoint>();
  readonly commits: CheckpointCommit[] = [];
  /** Files named by the intents, in order. */
  readonly intents: (readonly string[])[] = [];
  /** What the next commits are refused with. */
  readonly refusals: CommitResult[] = [];
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  acquireLease(task: string, partition: number, owner: string, ttlMs: number): Promise<Lease | null> {
    return this.faults.around('acquireLease', () => {
      const held = this.leases.get(`${task}/${partition}`);
      const nowMs = this.#clock.nowMs();
      if (held !== undefined && held.owner !== null && held.untilMs > nowMs) return null;
      const epoch = (held?.epoch ?? 0) + 1;
      this.leases.set(`${task}/${partition}`, { owner, epoch, untilMs: nowMs + ttlMs });
      return { task, partition, owner, epoch };
    });
  }

  renewLeases(leases: readonly Lease[], ttlMs: number): Promise<readonly Lease[]> {
    return this.faults.around('renewLeases', () =>
      leases.filter((lease) => {
        const id = `${lease.task}/${lease.partition}`;
        const held = this.leases.get(id);
        if (held === undefined || held.owner === null || held.epoch !== lease.epoch) return true;
        this.leases.set(id, { ...held, untilMs: this.#clock.nowMs() + ttlMs });
        return false;
      }),
    );
  }

  releaseLease(lease: Lease): Promise<void> {
    return this.faults.around('releaseLease', () => {
      const id = `${lease.task}/${lease.partition}`;
      const held = this.leases.get(id);
      if (held?.epoch === lease.epoch) this.leases.set(id, { ...held, owner: null });
    });
  }

  async holders(task: string): ReturnType<CheckpointStore['holders']> {
    return [...this.leases].flatMap(([id, { owner, epoch, untilMs }]) => {
      const [name, partition] = id.split('/');
      const expiresInMs = untilMs - this.#clock.nowMs();
      return name === task && owner !== null && expiresInMs > 0
        ? [{ partition: Number(partition), owner, epoch, expiresInMs }]
        : [];
    });
  }

  load(task: string, partition: number): Promise<Checkpoint | null> {
    return this.faults.around('load', () => this.checkpoints.get(`${task}/${partition}`) ?? null);
  }

  openIntent(_lease: Lease, files: readonly string[]): Promise<string> {
    return this.faults.around('openIntent', () => `intent-${this.intents.push(files)}`);
  }

  commit(commit: CheckpointCommit): Promise<CommitResult> {
    return this.faults.around('commit', (): CommitResult => {
      const { lease, commitId } = commit;
      if (this.commits.some((c) => c.commitId === commitId)) return { status: 'committed' };
      const refusal = this.refusals.shift();
      if (refusal !== undefined) return refusal;
      this.commits.push(commit);
      this.checkpoints.set(`${lease.task}/${lease.partition}`, {
        frontier: commit.to,
        manifest: commit.manifest,
        epoch: lease.epoch,
        commitId,
        committedAtMs: this.#clock.nowMs(),
      });
      return { status: 'committed' };
    });
  }

  async sweepable(): Promise<readonly string[]> {
    return [];
  }

  async swept(): Promise<void> {}
}
