import type { Environment } from '../../lmdb/index.ts';
import { decodeBlob, encodeBlob, openBlob, sealBlob } from './blob.ts';
import { blobKey, type LogTables, lastOffsetOfKey, type StoredTopic, storedBytes } from './tables.ts';

/** Tombstones stay this long, so that a reader who is behind still learns of the deletion. */
const TOMBSTONE_KEEP_MS = 24 * 3_600_000;
/** A record is compacted at the latest when it is this old, however few there are. */
const MAX_LAG_MS = 24 * 3_600_000;
/** Otherwise a partition is worth compacting once this share of its records is new. */
const DIRTY_SHARE = 0.2;
/** Keys remembered per pass; what is beyond is left for the next one. */
const MAX_KEYS = 500_000;
/** Work per turn while reading, and per transaction while writing. */
const BUDGET_MS = 8;

interface Partition {
  readonly environment: Environment;
  readonly tables: LogTables;
  readonly topicId: number;
  readonly partition: number;
}

/** What a pass knows: the newest offset of every key in the part that was not compacted before. */
interface Plan {
  readonly newest: ReadonlyMap<string, number>;
  /** The pass covers everything before. */
  readonly limitOffset: number;
  readonly tombstonesBeforeMs: number;
}

/**
 * Keeps the newest record per key among those older than `minLagMs`; offsets stay, so gaps appear. Records without
 * a key count as one key. The partition's newest blob counts but is not touched, so there is always a record at
 * its end.
 * Several processes may run it at once: every change is decided anew inside its transaction.
 */
export async function compactPartition(
  environment: Environment,
  tables: LogTables,
  topic: StoredTopic,
  partition: number,
  minLagMs: number,
): Promise<number> {
  const target = { environment, tables, topicId: topic.id, partition };
  environment.refresh();
  const nowMs = tables.time().appendTimeMs;
  if (!isWorthwhile(target, nowMs)) return 0;
  const plan = await readPlan(target, nowMs - minLagMs, nowMs - TOMBSTONE_KEEP_MS);
  if (plan.newest.size === 0) return 0;
  let dropped = 0;
  let from = tables.head(topic.id, partition).startOffset;
  while (from < plan.limitOffset) {
    environment.refresh();
    const found = findChanges(target, plan, from);
    if (found.keys.length > 0) dropped += await rewriteAll(target, plan, found.keys);
    from = found.nextOffset;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await markCleaned(target, plan.limitOffset);
  return dropped;
}

async function markCleaned({ environment, tables, topicId, partition }: Partition, offset: number): Promise<void> {
  environment.refresh();
  if (tables.head(topicId, partition).cleanedOffset >= offset) return;
  await environment.write(() => {
    const head = tables.head(topicId, partition);
    tables.putHead(topicId, partition, { ...head, cleanedOffset: Math.max(head.cleanedOffset, offset) });
  });
}

function isWorthwhile({ tables, topicId, partition }: Partition, nowMs: number): boolean {
  const head = tables.head(topicId, partition);
  const dirty = head.endOffset - head.cleanedOffset;
  if (dirty === 0) return false;
  if (dirty >= DIRTY_SHARE * head.records) return true;
  const start = blobKey(topicId, partition, head.cleanedOffset);
  for (const { value } of tables.blobs.getRange({ start, limit: 1 })) {
    const header = openBlob(value);
    return typeof header !== 'string' && header.appendTimeMs < nowMs - MAX_LAG_MS;
  }
  return false;
}

async function readPlan(target: Partition, notAfterMs: number, tombstonesBeforeMs: number): Promise<Plan> {
  const { environment, tables, topicId, partition } = target;
  const newest = new Map<string, number>();
  const head = tables.head(topicId, partition);
  const end = blobKey(topicId, partition, head.endOffset);
  let limitOffset = head.cleanedOffset;
  let deadlineMs = performance.now() + BUDGET_MS;
  for (;;) {
    let more = false;
    for (const { key, value } of tables.blobs.getRange({ start: blobKey(topicId, partition, limitOffset), end })) {
      const header = openBlob(value);
      const readable = typeof header !== 'string';
      if (newest.size >= MAX_KEYS || (readable && header.appendTimeMs > notAfterMs)) break;
      if (readable) for (const record of decodeBlob(value, header)) newest.set(keyName(record.key), record.offset);
      const nextOffset = lastOffsetOfKey(key) + 1;
      if (nextOffset === head.endOffset) break;
      limitOffset = nextOffset;
      more = performance.now() > deadlineMs;
      if (more) break;
    }
    if (!more) return { newest, limitOffset, tombstonesBeforeMs };
    await new Promise((resolve) => setImmediate(resolve));
    environment.refresh();
    deadlineMs = performance.now() + BUDGET_MS;
  }
}

/** Keys of the next blobs that lose records, without holding the write lock. */
function findChanges(
  { tables, topicId, partition }: Partition,
  plan: Plan,
  fromOffset: number,
): { keys: readonly Buffer[]; nextOffset: number } {
  const deadlineMs = performance.now() + BUDGET_MS;
  const keys: Buffer[] = [];
  const start = blobKey(topicId, partition, fromOffset);
  const end = blobKey(topicId, partition, plan.limitOffset);
  for (const { key, value } of tables.blobs.getRange({ start, end })) {
    const survivors = survivorsOf(value, plan);
    if (survivors !== undefined) keys.push(key);
    if (performance.now() > deadlineMs) return { keys, nextOffset: lastOffsetOfKey(key) + 1 };
  }
  return { keys, nextOffset: plan.limitOffset };
}

async function rewriteAll(target: Partition, plan: Plan, keys: readonly Buffer[]): Promise<number> {
  let dropped = 0;
  let done = 0;
  while (done < keys.length) {
    const slice = await target.environment.write(() => rewriteSlice(target, plan, keys, done));
    dropped += slice.dropped;
    done = slice.done;
  }
  return dropped;
}

/** Runs inside a write transaction; rewrites at least one blob. */
function rewriteSlice(
  { tables, topicId, partition }: Partition,
  plan: Plan,
  keys: readonly Buffer[],
  from: number,
): { dropped: number; done: number } {
  const deadlineMs = performance.now() + BUDGET_MS;
  const head = tables.head(topicId, partition);
  let { records, storedBytes: bytes } = head;
  let done = from;
  do {
    const key = keys[done];
    done += 1;
    const blob = key === undefined ? undefined : tables.blobs.getBinary(key);
    const survivors = blob === undefined ? undefined : survivorsOf(blob, plan);
    if (key === undefined || blob === undefined || survivors === undefined) continue;
    bytes -= storedBytes(blob.length);
    records -= survivors.droppedRecords;
    if (survivors.blob === null) {
      tables.blobs.removeSync(key);
    } else {
      tables.blobs.putSync(key, survivors.blob);
      bytes += storedBytes(survivors.blob.length);
    }
  } while (done < keys.length && performance.now() < deadlineMs);
  tables.putHead(topicId, partition, { ...head, records, storedBytes: bytes });
  return { dropped: head.records - records, done };
}

/** What remains of a blob; undefined when nothing changes, or when it is damaged and better left alone. */
function survivorsOf(blob: Buffer, plan: Plan): { blob: Buffer | null; droppedRecords: number } | undefined {
  const header = openBlob(blob);
  if (typeof header === 'string') return undefined;
  const records = decodeBlob(blob, header);
  const kept = records.filter((record) => {
    if ((plan.newest.get(keyName(record.key)) ?? -1) > record.offset) return false;
    const isTombstone = record.key !== null && record.value === null;
    return !(isTombstone && header.appendTimeMs < plan.tombstonesBeforeMs);
  });
  if (kept.length === records.length) return undefined;
  const droppedRecords = records.length - kept.length;
  if (kept.length === 0) return { blob: null, droppedRecords };
  const rewritten = encodeBlob(
    kept,
    Uint32Array.from(kept, (record) => record.offset - header.baseOffset),
  );
  sealBlob(rewritten, header.baseOffset, header.lastOffset, header.appendTimeMs);
  return { blob: rewritten, droppedRecords };
}

/** A key as a map's key: bytes as Latin-1, told apart from "no key". */
function keyName(key: Uint8Array | null): string {
  if (key === null) return 'null';
  return `=${Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1')}`;
}
