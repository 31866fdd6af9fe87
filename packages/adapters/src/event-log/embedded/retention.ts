import type { RetentionReport } from '@ebap/pipeline/ports';
import type { Environment } from '../../lmdb/index.ts';
import { openBlob } from './blob.ts';
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
    if (oldestDroppable(tables, topic) === undefined) return dropped;
    const slice = await environment.write(() => dropSlice(tables, topic));
    dropped += slice;
    if (slice === 0) return dropped;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Runs inside a write transaction. */
function dropSlice(tables: LogTables, topic: StoredTopic): number {
  const deadlineMs = performance.now() + TRANSACTION_BUDGET_MS;
  let dropped = 0;
  while (performance.now() < deadlineMs) {
    const oldest = oldestDroppable(tables, topic);
    if (oldest === undefined) break;
    const head = tables.head(topic.id, oldest.partition);
    tables.blobs.removeSync(oldest.key);
    tables.putHead(topic.id, oldest.partition, {
      ...head,
      startOffset: oldest.lastOffset + 1,
      storedBytes: head.storedBytes - oldest.bytes,
      records: head.records - oldest.count,
    });
    dropped += oldest.count;
  }
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

/** The topic's oldest blob if retention lets it go. Age is measured by the log's own clock. */
function oldestDroppable(tables: LogTables, topic: StoredTopic): OldestBlob | undefined {
  let oldest: OldestBlob | undefined;
  for (let partition = 0; partition < topic.partitions; partition += 1) {
    const first = firstBlob(tables, topic, partition);
    if (first !== undefined && (oldest === undefined || first.appendTimeMs < oldest.appendTimeMs)) oldest = first;
  }
  if (oldest === undefined) return undefined;
  const expired = oldest.appendTimeMs < tables.time().appendTimeMs - topic.retentionMs;
  const surplus = topicBytes(tables, topic) > (topic.retentionBytes ?? Number.POSITIVE_INFINITY);
  return expired || surplus ? oldest : undefined;
}

function firstBlob(tables: LogTables, topic: StoredTopic, partition: number): OldestBlob | undefined {
  const head = tables.head(topic.id, partition);
  if (head.startOffset === head.endOffset) return undefined;
  const start = blobKey(topic.id, partition, head.startOffset);
  const end = blobKey(topic.id, partition, head.endOffset);
  for (const key of tables.blobs.getKeys({ start, end, limit: 1 })) {
    const blob = tables.blobs.getBinary(key);
    if (blob === undefined) return undefined;
    const header = openBlob(blob);
    const lastOffset = lastOffsetOfKey(key);
    const bytes = storedBytes(blob.length);
    // A damaged blob tells no time: it counts as the oldest, and goes when something has to go.
    if (typeof header === 'string') return { partition, key, lastOffset, bytes, count: 0, appendTimeMs: 0 };
    return { partition, key, lastOffset, bytes, count: header.count, appendTimeMs: header.appendTimeMs };
  }
  return undefined;
}

function topicBytes(tables: LogTables, topic: StoredTopic): number {
  let bytes = 0;
  for (let partition = 0; partition < topic.partitions; partition += 1) {
    bytes += tables.head(topic.id, partition).storedBytes;
  }
  return bytes;
}
