import { AppError } from '@ebap/pipeline/errors';
import type { AppendAck, AppendRecord } from '@ebap/pipeline/ports';
import type { Environment } from '../../lmdb/index.ts';
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

interface PendingAppend {
  readonly topic: StoredTopic;
  readonly chunks: readonly Chunk[];
  readonly bytes: number;
  readonly resolve: (acks: readonly AppendAck[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: appends that arrive while a transaction is being written share the next one, and with it one
 * append time and one fsync.
 */
export class Appender {
  readonly #environment: Environment;
  readonly #tables: LogTables;
  readonly #systemNowMs: () => number;
  readonly #onCommitted: () => void;
  readonly #queue: PendingAppend[] = [];
  #queuedBytes = 0;
  #draining: Promise<void> | undefined;
  #ahead = false;

  constructor(environment: Environment, tables: LogTables, systemNowMs: () => number, onCommitted: () => void) {
    this.#environment = environment;
    this.#tables = tables;
    this.#systemNowMs = systemNowMs;
    this.#onCommitted = onCommitted;
  }

  /** @throws AppError `bad_request`, `too_large`, `unavailable`. */
  append(topic: StoredTopic, records: readonly AppendRecord[]): Promise<readonly AppendAck[]> {
    const chunks = packChunks(topic, records);
    let bytes = 0;
    for (const chunk of chunks) bytes += chunk.blob.length;
    if (this.#queuedBytes > 0 && this.#queuedBytes + bytes > QUEUE_LIMIT_BYTES) {
      throw new AppError('unavailable', 'Too many appends are waiting for the disk.', { retryable: true });
    }
    this.#queuedBytes += bytes;
    return new Promise((resolve, reject) => {
      this.#queue.push({ topic, chunks, bytes, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when everything queued has been answered. */
  async idle(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      if (this.#ahead) await new Promise((resolve) => setTimeout(resolve, AHEAD_PAUSE_MS));
      await this.#commitGroup();
    }
    this.#draining = undefined;
  }

  async #commitGroup(): Promise<void> {
    let group: readonly PendingAppend[] = [];
    try {
      const acks = await this.#environment.write(() => {
        group = this.#takeGroup();
        return this.#apply(group);
      });
      group.forEach((pending, i) => {
        pending.resolve(acks[i] ?? []);
      });
      this.#onCommitted();
    } catch (error) {
      if (group.length === 0) group = this.#takeGroup();
      for (const pending of group) pending.reject(error);
    }
  }

  #takeGroup(): readonly PendingAppend[] {
    let bytes = 0;
    let count = 0;
    for (const pending of this.#queue) {
      if (count > 0 && bytes + pending.bytes > TRANSACTION_BYTES) break;
      bytes += pending.bytes;
      count += 1;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  /** Runs inside the write transaction. */
  #apply(group: readonly PendingAppend[]): (readonly AppendAck[])[] {
    const time = nextLogTime(this.#tables.time(), this.#systemNowMs());
    this.#ahead = isAhead(time);
    this.#tables.putTime(time);
    const heads = new Map<string, { topicId: number; partition: number; head: PartitionHead }>();
    const answers = group.map((pending) => this.#applyOne(pending, time.appendTimeMs, heads));
    for (const { topicId, partition, head } of heads.values()) this.#tables.putHead(topicId, partition, head);
    return answers;
  }

  #applyOne(
    { topic, chunks }: PendingAppend,
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
