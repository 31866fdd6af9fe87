import type { LogBatch, LogHeaders } from './logBatch.ts';

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** `delete`: drop what is older than `retentionMs` or beyond `retentionBytes`. `compact`: keep the newest per key. */
  readonly cleanup: 'delete' | 'compact';
  readonly retentionMs: number;
  /** Per topic, over all its partitions; omitted = no limit by size. */
  readonly retentionBytes?: number;
}

export interface AppendRecord {
  readonly partition: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: LogHeaders | undefined;
}

export interface AppendAck {
  readonly partition: number;
  /** Offset of this call's first record in the partition; the others follow without a gap. */
  readonly baseOffset: number;
  readonly count: number;
  readonly appendTimeMs: number;
}

export interface FetchOptions {
  /** Stop after about this many bytes; at least one record is returned if there is one. Default 1 MiB. */
  readonly maxBytes?: number;
  /** How long to wait at the log's end before answering with an empty batch. Default 0. */
  readonly maxWaitMs?: number;
  readonly signal?: AbortSignal;
}

export interface PartitionOffsets {
  /** First offset still kept. */
  readonly start: number;
  /** The next offset to be written. */
  readonly end: number;
}

/**
 * An append-only, partitioned log with an append time per record (Kafka's model with `LogAppendTime`).
 * The append time is the only clock the pipeline knows. It goes on across restarts; where a broker's clock is set back
 * it may go back, and a reader holds it (`runtime/appendClock.ts`).
 */
export interface EventLog {
  /** Names this log for good; offsets of another cluster id mean nothing here. */
  readonly clusterId: string;

  /** Idempotent. @throws AppError `topic_mismatch` if the topic exists with another partition count. */
  createTopic(spec: TopicSpec): Promise<void>;

  /** @throws AppError `not_found` for an unknown topic. */
  partitionCount(topic: string): Promise<number>;

  /**
   * Names the topic's history for good: a topic that was deleted and made anew under its name has another id, as has the
   * same topic of another log. @throws AppError `not_found`.
   */
  topicId(topic: string): Promise<string>;

  /**
   * Appends all records, in order within each partition, and resolves when they are durable (fsync, acks=all).
   * One acknowledgement per partition touched. On rejection nothing is known: send the same records again.
   * @throws AppError `unavailable` (retryable), `too_large` (a record over the adapter's limit, nothing was written).
   */
  append(topic: string, records: readonly AppendRecord[]): Promise<readonly AppendAck[]>;

  /**
   * Reads on from `fromOffset`. At the end of the log it waits up to `maxWaitMs`, then answers with an empty
   * batch whose `readThroughMs` still tells how far the partition is known.
   * @throws AppError `offset_out_of_range` when `fromOffset` is before the start or past the end. Never resets.
   * @throws AppError `cancelled` when `signal` aborts, before or while it waits.
   */
  fetch(topic: string, partition: number, fromOffset: number, options?: FetchOptions): Promise<LogBatch>;

  offsets(topic: string, partition: number): Promise<PartitionOffsets>;

  /** Drops what retention allows and compacts; safe to call at any time, by any process. */
  applyRetention(): Promise<RetentionReport>;

  close(): Promise<void>;
}

export interface RetentionReport {
  readonly droppedRecords: number;
  readonly keptBytes: number;
}
