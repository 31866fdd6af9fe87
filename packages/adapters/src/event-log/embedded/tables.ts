import { AppError } from '@ebap/pipeline/errors';
import type { TopicSpec } from '@ebap/pipeline/ports';
import type { Environment, Table } from '../../lmdb/index.ts';
import type { LogTime } from './logClock.ts';

/** State of one partition, changed in the transaction that changes its records. */
export interface PartitionHead {
  /** First offset still kept. */
  readonly startOffset: number;
  /** Next offset to be written. */
  readonly endOffset: number;
  /** Disk space of its blobs. */
  readonly storedBytes: number;
  readonly records: number;
  /** Everything before has been compacted once. */
  readonly cleanedOffset: number;
}

export interface StoredTopic extends TopicSpec {
  readonly id: number;
}

const EMPTY_HEAD: PartitionHead = { startOffset: 0, endOffset: 0, storedBytes: 0, records: 0, cleanedOffset: 0 };
const CLOCK_KEY = Buffer.from('clock');
const TOPIC_PREFIX = 'topic:';

const TOPIC_ROW_BYTES = 25;

/** The log's rows in their environment. Reads see the snapshot of the turn, or the write transaction they run in. */
export class LogTables {
  readonly blobs: Table;
  readonly #meta: Table;
  readonly #heads: Table;

  constructor(environment: Environment) {
    this.blobs = environment.table('blobs');
    this.#meta = environment.table('meta');
    this.#heads = environment.table('heads');
  }

  text(name: string): string | undefined {
    return this.#meta.getBinary(Buffer.from(name))?.toString('utf8');
  }

  putText(name: string, value: string): void {
    this.#meta.putSync(Buffer.from(name), Buffer.from(value));
  }

  time(): LogTime {
    const row = this.#meta.getBinaryFast(CLOCK_KEY);
    if (row === undefined) throw new AppError('corrupt_data', 'The event log has no clock row.');
    return { appendTimeMs: row.readDoubleLE(0), systemTimeMs: row.readDoubleLE(8) };
  }

  putTime(time: LogTime): void {
    const row = Buffer.alloc(16);
    row.writeDoubleLE(time.appendTimeMs, 0);
    row.writeDoubleLE(time.systemTimeMs, 8);
    this.#meta.putSync(CLOCK_KEY, row);
  }

  head(topicId: number, partition: number): PartitionHead {
    const row = this.#heads.getBinaryFast(headKey(topicId, partition));
    if (row === undefined) return EMPTY_HEAD;
    return {
      startOffset: row.readDoubleLE(0),
      endOffset: row.readDoubleLE(8),
      storedBytes: row.readDoubleLE(16),
      records: row.readDoubleLE(24),
      cleanedOffset: row.readDoubleLE(32),
    };
  }

  putHead(topicId: number, partition: number, head: PartitionHead): void {
    const row = Buffer.alloc(40);
    row.writeDoubleLE(head.startOffset, 0);
    row.writeDoubleLE(head.endOffset, 8);
    row.writeDoubleLE(head.storedBytes, 16);
    row.writeDoubleLE(head.records, 24);
    row.writeDoubleLE(head.cleanedOffset, 32);
    this.#heads.putSync(headKey(topicId, partition), row);
  }

  topic(name: string): StoredTopic | undefined {
    const row = this.#meta.getBinary(Buffer.from(TOPIC_PREFIX + name));
    return row === undefined ? undefined : decodeTopic(name, row);
  }

  putTopic(topic: StoredTopic): void {
    this.#meta.putSync(Buffer.from(TOPIC_PREFIX + topic.name), encodeTopic(topic));
  }

  topics(): StoredTopic[] {
    const start = Buffer.from(TOPIC_PREFIX);
    const end = Buffer.from(TOPIC_PREFIX);
    end[end.length - 1] = TOPIC_PREFIX.charCodeAt(TOPIC_PREFIX.length - 1) + 1;
    const topics: StoredTopic[] = [];
    for (const { key, value } of this.#meta.getRange({ start, end })) {
      topics.push(decodeTopic(Buffer.from(key).toString('utf8', TOPIC_PREFIX.length), value));
    }
    return topics;
  }
}

function encodeTopic(topic: StoredTopic): Buffer {
  const row = Buffer.alloc(TOPIC_ROW_BYTES);
  row.writeUInt32LE(topic.id, 0);
  row.writeUInt32LE(topic.partitions, 4);
  row.writeUInt8(topic.cleanup === 'compact' ? 1 : 0, 8);
  row.writeDoubleLE(topic.retentionMs, 9);
  row.writeDoubleLE(topic.retentionBytes ?? Number.POSITIVE_INFINITY, 17);
  return row;
}

function decodeTopic(name: string, row: Buffer): StoredTopic {
  const topic = {
    id: row.readUInt32LE(0),
    name,
    partitions: row.readUInt32LE(4),
    cleanup: row.readUInt8(8) === 1 ? ('compact' as const) : ('delete' as const),
    retentionMs: row.readDoubleLE(9),
  };
  const retentionBytes = row.readDoubleLE(17);
  return retentionBytes === Number.POSITIVE_INFINITY ? topic : { ...topic, retentionBytes };
}

function headKey(topicId: number, partition: number): Buffer {
  const key = Buffer.allocUnsafe(8);
  key.writeUInt32BE(topicId, 0);
  key.writeUInt32BE(partition, 4);
  return key;
}

/** Blobs are keyed by their last offset, so the first key ≥ an offset is the blob that holds it (or the next kept). */
export function blobKey(topicId: number, partition: number, lastOffset: number): Buffer {
  const key = Buffer.allocUnsafe(16);
  key.writeUInt32BE(topicId, 0);
  key.writeUInt32BE(partition, 4);
  key.writeBigUInt64BE(BigInt(lastOffset), 8);
  return key;
}

export function lastOffsetOfKey(key: Buffer): number {
  return Number(Buffer.from(key.buffer, key.byteOffset, key.length).readBigUInt64BE(8));
}

const PAGE_BYTES = 4096;
const INLINE_LIMIT_BYTES = 2000;
const NODE_OVERHEAD_BYTES = 32;

/** Disk space of a blob: small ones share a page, larger ones own whole pages. */
export function storedBytes(blobBytes: number): number {
  if (blobBytes <= INLINE_LIMIT_BYTES) return blobBytes + NODE_OVERHEAD_BYTES;
  return Math.ceil((blobBytes + 16) / PAGE_BYTES) * PAGE_BYTES;
}
