import { join } from 'node:path';
import { AppError } from '@ebap/pipeline/errors';
import {
  type FoundFence,
  type HotChange,
  type HotFence,
  type HotFlush,
  type HotFlushResult,
  type HotStore,
  MAX_FLUSH_FIELDS,
} from '@ebap/pipeline/ports';
import { Environment, GroupCommit, type Table } from '../../lmdb/index.ts';
import { ChangeFeed } from './changeFeed.ts';
import { ChangeRing } from './changeRing.ts';
import {
  mergeRow,
  readAllFields,
  readWantedFields,
  rowExpiresAtMs,
  sortedFieldWrites,
  wantedFields,
} from './hashRow.ts';
import { sweepExpired } from './sweep.ts';

export interface EmbeddedHotStoreOptions {
  /** Folder of the store; created. Several processes may open it at the same time. */
  readonly dir: string;
  /** Clock that expiry is measured by, ms since the epoch. */
  readonly nowMs?: () => number;
}

const FORMAT_VERSION = '1';
const FORMAT_KEY = Buffer.from('format');
/** LMDB's limit is 1978 bytes. */
const MAX_NAME_BYTES = 1_900;
const MAX_FIELD_NAME_BYTES = 65_535;
const TRANSACTION_BYTES = 4 * 1024 * 1024;
const QUEUE_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * Opens the hot store in a folder (LMDB), creating it when it is not there. A flush is visible to all processes as
 * soon as it is committed and is on disk right after; values and fence are always those of the same flushes.
 * @throws AppError `unsupported_version` when a newer version wrote it, `unavailable` when it can't be opened.
 */
export async function openEmbeddedHotStore(options: EmbeddedHotStoreOptions): Promise<HotStore> {
  const environment = new Environment({ file: join(options.dir, 'hot-store.mdb'), fsync: 'background' });
  try {
    const meta = environment.table('meta');
    environment.clearStaleReaders();
    environment.refresh();
    if (meta.getBinary(FORMAT_KEY) === undefined) {
      await environment.write(() => meta.putSync(FORMAT_KEY, Buffer.from(FORMAT_VERSION)));
      environment.refresh();
    }
    const format = meta.getBinary(FORMAT_KEY)?.toString();
    if (format !== FORMAT_VERSION) {
      throw new AppError('unsupported_version', `The hot store has format ${format}; this version reads 1.`);
    }
    return new EmbeddedHotStore(environment, meta, options.nowMs ?? Date.now);
  } catch (error) {
    await environment.close();
    throw error;
  }
}

class EmbeddedHotStore implements HotStore {
  readonly #environment: Environment;
  readonly #nowMs: () => number;
  readonly #hashes: Table;
  readonly #fences: Table;
  readonly #ring: ChangeRing;
  readonly #feed: ChangeFeed;
  readonly #commits: GroupCommit<HotFlush, HotFlushResult>;

  constructor(environment: Environment, meta: Table, nowMs: () => number) {
    this.#environment = environment;
    this.#nowMs = nowMs;
    this.#hashes = environment.table('hashes');
    this.#fences = environment.table('fences');
    this.#ring = new ChangeRing({ meta, ring: environment.table('ring'), sequences: environment.table('sequences') });
    this.#feed = new ChangeFeed(environment, this.#ring);
    this.#commits = new GroupCommit({
      environment,
      apply: (flushes) => flushes.map((flush) => this.#apply(flush)),
      bytesOf: flushBytes,
      transactionBytes: TRANSACTION_BYTES,
      queueBytes: QUEUE_LIMIT_BYTES,
      onCommitted: () => this.#feed.poll(),
    });
  }

  async flush(flush: HotFlush): Promise<HotFlushResult> {
    assertAcceptable(flush);
    return this.#commits.submit(flush);
  }

  async readHash(key: string): Promise<ReadonlyMap<string, string>> {
    this.#environment.refresh();
    const row = this.#liveRow(Buffer.from(key), this.#nowMs());
    return row === undefined ? new Map() : readAllFields(row);
  }

  async readFields(keys: readonly string[], fields: readonly string[]): Promise<(string | null)[][]> {
    this.#environment.refresh();
    const nowMs = this.#nowMs();
    const wanted = wantedFields(fields);
    return keys.map((key) => {
      const row = this.#liveRow(Buffer.from(key), nowMs);
      return row === undefined ? fields.map(() => null) : readWantedFields(row, wanted);
    });
  }

  async sequence(topic: string): Promise<number> {
    this.#environment.refresh();
    return this.#ring.sequence(topic);
  }

  async subscribe(prefix: string, onChange: (change: HotChange) => void): Promise<{ close(): Promise<void> }> {
    const unsubscribe = this.#feed.subscribe(prefix, onChange);
    return {
      close: async () => unsubscribe(),
    };
  }

  async sweep(): Promise<void> {
    await sweepExpired(this.#environment, this.#hashes, this.#nowMs);
  }

  async close(): Promise<void> {
    if (this.#environment.closed) return;
    await this.#commits.idle();
    this.#feed.close();
    await this.#environment.close();
  }

  /** Volatile: valid until the next read. */
  #liveRow(key: Buffer, nowMs: number): Buffer | undefined {
    if (key.length === 0 || key.length > MAX_NAME_BYTES) return undefined;
    const row = this.#hashes.getBinaryFast(key);
    return row === undefined || rowExpiresAtMs(row) <= nowMs ? undefined : row;
  }

  /** Runs inside the write transaction. */
  #apply({ fence, writes, changes }: HotFlush): HotFlushResult {
    const scope = Buffer.from(fence.scope);
    const found = decodeFence(this.#fences.getBinaryFast(scope));
    if (found !== null && !supersedes(fence, found)) return { status: 'fenced', found };
    const nowMs = this.#nowMs();
    for (const [key, hash] of groupByKey(writes)) {
      const keyBytes = Buffer.from(key);
      const row = this.#liveRow(keyBytes, nowMs);
      const expiresAtMs = Math.max(hash.expiresAtMs, row === undefined ? 0 : rowExpiresAtMs(row));
      const merged = mergeRow(row, sortedFieldWrites(hash.fields), expiresAtMs);
      if (merged === null) this.#hashes.removeSync(keyBytes);
      else this.#hashes.putSync(keyBytes, merged);
    }
    this.#ring.append(changes);
    this.#fences.putSync(scope, encodeFence(fence));
    return { status: 'applied', found };
  }
}

/** A later epoch always wins; within an epoch only a higher offset does. */
function supersedes(fence: HotFence, found: { readonly epoch: number; readonly offset: number }): boolean {
  return fence.epoch > found.epoch || (fence.epoch === found.epoch && fence.offset > found.offset);
}

function groupByKey(
  writes: HotFlush['writes'],
): Map<string, { fields: Map<string, string | null>; expiresAtMs: number }> {
  const hashes = new Map<string, { fields: Map<string, string | null>; expiresAtMs: number }>();
  for (const { key, field, value, expiresAtMs } of writes) {
    const hash = hashes.get(key) ?? { fields: new Map(), expiresAtMs };
    hash.fields.set(field, value);
    hash.expiresAtMs = Math.max(hash.expiresAtMs, expiresAtMs);
    hashes.set(key, hash);
  }
  return hashes;
}

function flushBytes({ writes }: HotFlush): number {
  let bytes = 64;
  for (const { key, field, value } of writes) bytes += 32 + key.length + field.length + (value?.length ?? 0);
  return bytes;
}

function assertAcceptable({ fence, writes, changes }: HotFlush): void {
  if (writes.length > MAX_FLUSH_FIELDS) {
    throw new AppError('bad_request', `A flush holds at most ${MAX_FLUSH_FIELDS} fields.`, {
      context: { fields: writes.length },
    });
  }
  assertName('scope', fence.scope, MAX_NAME_BYTES);
  for (const { key, field } of writes) {
    assertName('key', key, MAX_NAME_BYTES);
    assertName('field', field, MAX_FIELD_NAME_BYTES, 0);
  }
  for (const { topic } of changes) assertName('topic', topic, MAX_NAME_BYTES);
}

function assertName(what: string, name: string, maxBytes: number, minBytes = 1): void {
  const bytes = Buffer.byteLength(name);
  if (bytes >= minBytes && bytes <= maxBytes) return;
  throw new AppError('bad_request', `A ${what} has ${minBytes} to ${maxBytes} bytes.`, { context: { bytes } });
}

function encodeFence({ epoch, offset }: HotFence): Buffer {
  const row = Buffer.alloc(16);
  row.writeDoubleLE(epoch, 0);
  row.writeDoubleLE(offset, 8);
  return row;
}

function decodeFence(row: Buffer | undefined): FoundFence {
  return row === undefined ? null : { epoch: row.readDoubleLE(0), offset: row.readDoubleLE(8) };
}
