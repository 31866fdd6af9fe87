import type { RetentionReport } from '@ebap/pipeline/ports';
import type { Environment } from '../../lmdb/index.ts';
import { peekBlob } from './blob.ts';
import { compactPartition } from './compaction.ts';
import { blobKey, type LogTables, lastOffsetOfKey, type StoredTopic, storedBytes } from './tables.ts';

/** How long one maintenance transaction may work: appenders of all processes wait for it. */
export const TRANSACTION_BUDGET_MS = 10;

/** Drops expired and surplus records and compacts, in short transactions; any process, at any time. */
export async function applyRetention(
  environment: Environment,
  tables: LogTables,
  minCompactionLagMs: number,
): Promise<RetentionReport> {
  environment.clearStaleReaders();
  environment.refresh();
  let droppedRecords = 0;
  for (const topic of tables.topics()) {
    if (topic.cleanup === 'delete') {
      droppedRecords += await dropOld(environment, tables, topic);
      continue;
    }
    for (let partition = 0; partition < topic.partitions; partition += 1) {
      droppedRecords += await compactPartition(environment, tables, topic, partition, minCompactionLagMs);
    }
  }
  environment.refresh();
  let keptBytes = 0;
  for (const topic of tables.topics()) keptBytes += topicBytes(tables, topic);
  return { droppedRecords, keptBytes };
}

async function dropOld(environment: Environment, tables: LogTables, topic: StoredTopic): Promise<number> {
  let dropped = 0;
  for (;;) {
    environment.refresh();
    const view = new RetentionView(tables, topic);
    if (view.oldestDroppable() === undefined) return dropped;
    dropped += await environment.write(() => dropSlice(tables, topic));
    await nextTurn();
  }
}

/** Runs inside a write transaction; drops at least one blob if one may go. */
function dropSlice(tables: LogTables, topic: StoredTopic): number {
  const deadlineMs = performance.now() + TRANSACTION_BUDGET_MS;
  const view = new RetentionView(tables, topic);
  let dropped = 0;
  do {
    const oldest = view.oldestDroppable();
    if (oldest === undefined) break;
    const head = tables.head(topic.id, oldest.partition);
    tables.blobs.removeSync(oldest.key);
    tables.putHead(topic.id, oldest.partition, {
      ...head,
      startOffset: oldest.lastOffset + 1,
      storedBytes: head.storedBytes - oldest.bytes,
      records: head.records - oldest.count,
    });
    view.dropped(oldest);
    dropped += oldest.count;
  } while (performance.now() < deadlineMs);
  return dropped;
}

interface OldestBlob {
  readonly partition: number;
  readonly key: Buffer;
  readonly lastOffset: number;
  readonly count: number;
  readonly bytes: number;
  readonly appendTimeMs: number;
}

/** The first blob of each partition, and so the oldest of the topic. Age is measured by the log's own clock. */
class RetentionView {
  readonly #tables: LogTables;
  readonly #topic: StoredTopic;
  readonly #firsts: (OldestBlob | undefined)[];
  readonly #expiredBeforeMs: number;
  #bytes: number;

  constructor(tables: LogTables, topic: StoredTopic) {
    this.#tables = tables;
    this.#topic = topic;
    this.#bytes = topicBytes(tables, topic);
    this.#expiredBeforeMs = tables.time().appendTimeMs - topic.retentionMs;
    this.#firsts = Array.from({ length: topic.partitions }, (_, partition) => firstBlob(tables, topic, partition));
  }

  oldestDroppable(): OldestBlob | undefined {
    let oldest: OldestBlob | undefined;
    for (const first of this.#firsts) {
      if (first !== undefined && (oldest === undefined || first.appendTimeMs < oldest.appendTimeMs)) oldest = first;
    }
    if (oldest === undefined) return undefined;
    const surplus = this.#bytes > (this.#topic.retentionBytes ?? Number.POSITIVE_INFINITY);
    return surplus || oldest.appendTimeMs < this.#expiredBeforeMs ? oldest : undefined;
  }

  dropped(blob: OldestBlob): void {
    this.#bytes -= blob.bytes;
    this.#firsts[blob.partition] = firstBlob(this.#tables, this.#topic, blob.partition);
  }
}

function firstBlob(tables: LogTables, topic: StoredTopic, partition: number): OldestBlob | undefined {
  const head = tables.head(topic.id, partition);
  if (head.startOffset === head.endOffset) return undefined;
  const start = blobKey(topic.id, partition, head.startOffset);
  const end = blobKey(topic.id, partition, head.endOffset);
  const [key] = [...tables.blobs.getKeys({ start, end, limit: 1 })];
  const blob = key === undefined ? undefined : tables.blobs.getBinaryFast(key);
  if (key === undefined || blob === undefined) return undefined;
  const header = peekBlob(blob);
  const found = { partition, key, lastOffset: lastOffsetOfKey(key), bytes: storedBytes(blob.length) };
  // A damaged blob tells no time: it counts as the oldest, and goes when something has to go.
  if (typeof header === 'string') return { ...found, count: 0, appendTimeMs: 0 };
  return { ...found, count: header.count, appendTimeMs: header.appendTimeMs };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function topicBytes(tables: LogTables, topic: StoredTopic): number {
  let bytes = 0;
  for (let partition = 0; partition < topic.partitions; partition += 1) {
    bytes += tables.head(topic.id, partition).storedBytes;
  }
  return bytes;
}
