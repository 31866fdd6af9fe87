import { AppError } from '@ebap/pipeline/errors';
import type { AppendAck, AppendRecord } from '@ebap/pipeline/ports';
import { type Environment, GroupCommit } from '../../lmdb/index.ts';
import { encodeBlob, recordBytes, sealBlob } from './blob.ts';
import { isAhead, nextLogTime } from './logClock.ts';
import { blobKey, type LogTables, type PartitionHead, type StoredTopic, storedBytes } from './tables.ts';

/** Key, value and headers of one record. */
export const MAX_RECORD_BYTES = 4 * 1024 * 1024;
/** A blob is closed once it holds this much: small enough to reread cheaply, large enough to scan fast. */
const BLOB_TARGET_BYTES = 256 * 1024;
/** Bytes that one transaction writes: bounds how long it keeps other processes waiting. */
const TRANSACTION_BYTES = 16 * 1024 * 1024;
const QUEUE_LIMIT_BYTES = 128 * 1024 * 1024;
/** Pause between transactions while the log's clock is ahead, so that one millisecond each does not keep it there. */
const AHEAD_PAUSE_MS = 4;

interface Chunk {
  readonly partition: number;
  readonly count: number;
  readonly blob: Buffer;
}

interface TopicAppend {
  readonly topic: StoredTopic;
  readonly chunks: readonly Chunk[];
}

/** Packs records on the caller's time and commits them in groups: one append time and one fsync per group. */
export class Appender {
  readonly #tables: LogTables;
  readonly #systemNowMs: () => number;
  readonly #commits: GroupCommit<TopicAppend, readonly AppendAck[]>;
  #ahead = false;

  constructor(environment: Environment, tables: LogTables, systemNowMs: () => number, onCommitted: () => void) {
    this.#tables = tables;
    this.#systemNowMs = systemNowMs;
    this.#commits = new GroupCommit({
      environment,
      onCommitted,
      apply: (appends) => this.#apply(appends),
      bytesOf: ({ chunks }) => chunks.reduce((bytes, chunk) => bytes + chunk.blob.length, 0),
      transactionBytes: TRANSACTION_BYTES,
      queueBytes: QUEUE_LIMIT_BYTES,
      pauseMs: () => (this.#ahead ? AHEAD_PAUSE_MS : 0),
    });
  }

  /** @throws AppError `bad_request`, `too_large`, `unavailable`. */
  async append(topic: StoredTopic, records: readonly AppendRecord[]): Promise<readonly AppendAck[]> {
    return this.#commits.submit({ topic, chunks: packChunks(topic, records) });
  }

  /** Resolves when everything queued has been answered. */
  async idle(): Promise<void> {
    await this.#commits.idle();
  }

  /** Runs inside the write transaction. */
  #apply(group: readonly TopicAppend[]): (readonly AppendAck[])[] {
    const time = nextLogTime(this.#tables.time(), this.#systemNowMs());
    this.#ahead = isAhead(time);
    this.#tables.putTime(time);
    const heads = new Map<string, { topicId: number; partition: number; head: PartitionHead }>();
    const answers = group.map((append) => this.#applyOne(append, time.appendTimeMs, heads));
    for (const { topicId, partition, head } of heads.values()) this.#tables.putHead(topicId, partition, head);
    return answers;
  }

  #applyOne(
    { topic, chunks }: TopicAppend,
    appendTimeMs: number,
    heads: Map<string, { topicId: number; partition: number; head: PartitionHead }>,
  ): readonly AppendAck[] {
    const acks = new Map<number, AppendAck>();
    for (const { partition, count, blob } of chunks) {
      const headName = `${topic.id}/${partition}`;
      const head = heads.get(headName)?.head ?? this.#tables.head(topic.id, partition);
      const baseOffset = head.endOffset;
      const lastOffset = baseOffset + count - 1;
      sealBlob(blob, baseOffset, lastOffset, appendTimeMs);
      this.#tables.blobs.putSync(blobKey(topic.id, partition, lastOffset), blob);
      heads.set(headName, {
        topicId: topic.id,
        partition,
        head: {
          ...head,
          endOffset: lastOffset + 1,
          storedBytes: head.storedBytes + storedBytes(blob.length),
          records: head.records + count,
        },
      });
      const ack = acks.get(partition);
      acks.set(partition, {
        partition,
        baseOffset: ack?.baseOffset ?? baseOffset,
        count: (ack?.count ?? 0) + count,
        appendTimeMs,
      });
    }
    return [...acks.values()];
  }
}

function packChunks(topic: StoredTopic, records: readonly AppendRecord[]): readonly Chunk[] {
  const open = new Map<number, { records: AppendRecord[]; bytes: number }>();
  const chunks: Chunk[] = [];
  for (const record of records) {
    const bytes = checkedBytes(topic, record);
    let chunk = open.get(record.partition);
    if (chunk !== undefined && chunk.bytes + bytes > BLOB_TARGET_BYTES && chunk.records.length > 0) {
      chunks.push(pack(record.partition, chunk.records));
      chunk = undefined;
    }
    if (chunk === undefined) {
      chunk = { records: [], bytes: 0 };
      open.set(record.partition, chunk);
    }
    chunk.records.push(record);
    chunk.bytes += bytes;
  }
  for (const [partition, chunk] of open) chunks.push(pack(partition, chunk.records));
  return chunks;
}

function pack(partition: number, records: readonly AppendRecord[]): Chunk {
  return { partition, count: records.length, blob: encodeBlob(records) };
}

function checkedBytes(topic: StoredTopic, record: AppendRecord): number {
  const { partition } = record;
  if (!Number.isInteger(partition) || partition < 0 || partition >= topic.partitions) {
    throw new AppError('bad_request', `${topic.name} has no partition ${partition}.`, {
      context: { topic: topic.name, partition, partitions: topic.partitions },
    });
  }
  const bytes = recordBytes(record);
  if (bytes > MAX_RECORD_BYTES) {
    throw new AppError('too_large', `A record of ${bytes} bytes exceeds the log's limit.`, {
      context: { topic: topic.name, partition, bytes, limitBytes: MAX_RECORD_BYTES },
    });
  }
  return bytes;
}
