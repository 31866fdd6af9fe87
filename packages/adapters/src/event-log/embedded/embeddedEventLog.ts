import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { AppError } from '@ebap/pipeline/errors';
import type {
  AppendAck,
  AppendRecord,
  EventLog,
  FetchOptions,
  LogBatch,
  PartitionOffsets,
  RetentionReport,
  TopicSpec,
} from '@ebap/pipeline/ports';
import { Environment } from '../../lmdb/index.ts';
import { Appender } from './appender.ts';
import { BatchReader, type ReadRequest } from './batchReader.ts';
import { cancelled, LogTail } from './logTail.ts';
import { applyRetention } from './retention.ts';
import { LogTables, type StoredTopic } from './tables.ts';

export interface EmbeddedEventLogOptions {
  /** Folder of the log; created. Several processes may open it at the same time. */
  readonly dir: string;
  /** The system's clock, ms since the epoch. */
  readonly clock?: () => number;
  /** Compaction leaves records alone that are younger than this in append time. Default 12 h. */
  readonly minCompactionLagMs?: number;
}

const FORMAT_VERSION = '1';
const DEFAULT_MAX_BYTES = 1024 * 1024;
const DEFAULT_MIN_COMPACTION_LAG_MS = 12 * 3_600_000;

/**
 * Opens the event log in a folder (LMDB), creating it when it is not there.
 * @throws AppError `unsupported_version` when a newer version wrote it, `unavailable` when it can't be opened.
 */
export async function openEmbeddedEventLog(options: EmbeddedEventLogOptions): Promise<EventLog> {
  const environment = new Environment({ file: join(options.dir, 'event-log.mdb'), fsync: 'commit' });
  try {
    const tables = new LogTables(environment);
    const systemNowMs = options.clock ?? Date.now;
    const clusterId = await initialise(environment, tables, systemNowMs);
    return new EmbeddedEventLog(environment, tables, clusterId, {
      systemNowMs,
      minCompactionLagMs: options.minCompactionLagMs ?? DEFAULT_MIN_COMPACTION_LAG_MS,
    });
  } catch (error) {
    await environment.close();
    throw error;
  }
}

async function initialise(environment: Environment, tables: LogTables, systemNowMs: () => number): Promise<string> {
  environment.clearStaleReaders();
  environment.refresh();
  if (tables.text('cluster-id') === undefined) {
    await environment.write(() => {
      if (tables.text('cluster-id') !== undefined) return;
      const nowMs = Math.floor(systemNowMs());
      tables.putTime({ appendTimeMs: nowMs, systemTimeMs: nowMs });
      tables.putText('format', FORMAT_VERSION);
      tables.putText('cluster-id', randomUUID());
    });
    environment.refresh();
  }
  const format = tables.text('format');
  if (format !== FORMAT_VERSION) {
    throw new AppError('unsupported_version', `The event log has format ${format}; this version reads 1.`);
  }
  return tables.text('cluster-id') ?? '';
}

interface Settings {
  readonly systemNowMs: () => number;
  readonly minCompactionLagMs: number;
}

class EmbeddedEventLog implements EventLog {
  readonly clusterId: string;
  readonly #environment: Environment;
  readonly #tables: LogTables;
  readonly #settings: Settings;
  readonly #appender: Appender;
  readonly #reader: BatchReader;
  readonly #tail: LogTail;
  readonly #topics = new Map<string, StoredTopic>();

  constructor(environment: Environment, tables: LogTables, clusterId: string, settings: Settings) {
    this.clusterId = clusterId;
    this.#environment = environment;
    this.#tables = tables;
    this.#settings = settings;
    this.#reader = new BatchReader(tables);
    this.#tail = new LogTail(() => this.#logTimeMs());
    this.#appender = new Appender(environment, tables, settings.systemNowMs, () => this.#tail.poke());
  }

  async createTopic(spec: TopicSpec): Promise<void> {
    if (!Number.isInteger(spec.partitions) || spec.partitions < 1 || spec.name === '') {
      throw new AppError('bad_request', 'A topic needs a name and at least one partition.');
    }
    const topic = await this.#environment.write(() => this.#storeTopic(spec));
    this.#topics.set(spec.name, topic);
  }

  async partitionCount(topic: string): Promise<number> {
    return this.#topic(topic).partitions;
  }

  /** Topics are never deleted: the log's own id names their histories. */
  async topicId(topic: string): Promise<string> {
    this.#topic(topic);
    return this.clusterId;
  }

  async append(topic: string, records: readonly AppendRecord[]): Promise<readonly AppendAck[]> {
    this.#assertOpen();
    const stored = this.#topic(topic);
    return records.length === 0 ? [] : this.#appender.append(stored, records);
  }

  async fetch(topic: string, partition: number, fromOffset: number, options: FetchOptions = {}): Promise<LogBatch> {
    const { maxBytes = DEFAULT_MAX_BYTES, maxWaitMs = 0, signal } = options;
    const topicId = this.#partition(topic, partition);
    const request: ReadRequest = { topic, topicId, partition, fromOffset, maxBytes };
    const deadlineMs = performance.now() + maxWaitMs;
    // Reading itself is synchronous: without a turn of the event loop a reader who catches up would starve the rest.
    await new Promise((resolve) => setImmediate(resolve));
    for (;;) {
      if (signal?.aborted) throw cancelled(signal);
      this.#environment.refresh();
      const leftMs = deadlineMs - performance.now();
      const atEnd = this.#tables.head(topicId, partition).endOffset === fromOffset;
      if (!atEnd || leftMs <= 0) return this.#reader.read(request);
      await this.#tail.wait(this.#tables.time().appendTimeMs, leftMs, signal);
    }
  }

  async offsets(topic: string, partition: number): Promise<PartitionOffsets> {
    const topicId = this.#partition(topic, partition);
    this.#environment.refresh();
    const head = this.#tables.head(topicId, partition);
    return { start: head.startOffset, end: head.endOffset };
  }

  applyRetention(): Promise<RetentionReport> {
    return applyRetention(this.#environment, this.#tables, this.#settings.minCompactionLagMs);
  }

  async close(): Promise<void> {
    if (this.#environment.closed) return;
    await this.#appender.idle();
    this.#tail.close();
    await this.#environment.close();
  }

  /** Runs inside the write transaction. */
  #storeTopic(spec: TopicSpec): StoredTopic {
    const existing = this.#tables.topic(spec.name);
    if (existing !== undefined && existing.partitions !== spec.partitions) {
      throw new AppError('topic_mismatch', `${spec.name} has ${existing.partitions} partitions.`, {
        context: { topic: spec.name, partitions: existing.partitions, wanted: spec.partitions },
      });
    }
    const topic: StoredTopic = { ...spec, id: existing?.id ?? this.#tables.topics().length + 1 };
    this.#tables.putTopic(topic);
    return topic;
  }

  #topic(name: string): StoredTopic {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    this.#environment.refresh();
    const topic = this.#tables.topic(name);
    if (topic === undefined)
      throw new AppError('not_found', `There is no topic ${name}.`, { context: { topic: name } });
    this.#topics.set(name, topic);
    return topic;
  }

  /** Id of the topic, once the partition is known to exist. */
  #partition(topic: string, partition: number): number {
    this.#assertOpen();
    const { id, partitions } = this.#topic(topic);
    if (Number.isInteger(partition) && partition >= 0 && partition < partitions) return id;
    throw new AppError('not_found', `${topic} has no partition ${partition}.`, { context: { topic, partition } });
  }

  #logTimeMs(): number {
    this.#environment.refresh();
    return this.#tables.time().appendTimeMs;
  }

  #assertOpen(): void {
    if (this.#environment.closed) throw new AppError('unavailable', 'The event log is closed.');
  }
}
