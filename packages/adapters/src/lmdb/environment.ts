import { resolve } from 'node:path';
import { AppError } from '@ebap/pipeline/errors';
import { type Database, open, type RootDatabase } from 'lmdb';

/** A named table of an environment: raw bytes by raw bytes, ordered by key. */
export type Table = Database<Buffer, Buffer>;

export interface EnvironmentOptions {
  /** The data file; its lock file stands beside it. The folder is created. */
  readonly file: string;
  /**
   * `commit`: a commit is written and fsynced before any reader sees it.
   * `background`: a commit is visible at once and fsynced right after; after a crash of the machine the
   * environment opens at its newest fsynced commit, whole, and after a crash of a process nothing is lost.
   */
  readonly fsync: 'commit' | 'background';
}

interface SharedEnvironment {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly tables: Map<string, Table>;
  handles: number;
}

/** LMDB locks per process, so a process must not open a file twice: handles of one file share its environment. */
const openEnvironments = new Map<string, SharedEnvironment>();

/** Address space, not memory or disk: the file grows as it is written. One size in all processes avoids remapping. */
const MAP_SIZE_BYTES = 2 ** 38;
const MAX_TABLES = 16;
const MAX_READERS = 512;

/**
 * One handle of an LMDB environment, shared with other processes and with other handles of this process.
 * Reads are synchronous: all reads between {@link Environment.refresh} and the end of the turn see one snapshot.
 */
export class Environment {
  readonly #file: string;
  readonly #shared: SharedEnvironment;
  #closed = false;

  constructor(options: EnvironmentOptions) {
    this.#file = resolve(options.file);
    const existing = openEnvironments.get(this.#file);
    this.#shared = existing ?? { root: openRoot(this.#file, options), tables: new Map(), handles: 0 };
    this.#shared.handles += 1;
    openEnvironments.set(this.#file, this.#shared);
  }

  table(name: string): Table {
    const known = this.#shared.tables.get(name);
    if (known !== undefined) return known;
    const table = this.#shared.root.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' });
    this.#shared.tables.set(name, table);
    return table;
  }

  /** Makes the reads of this turn see the newest commit of any process. */
  refresh(): void {
    this.#assertOpen();
    this.#shared.root.resetReadTxn();
  }

  /**
   * Runs `change` inside a write transaction and resolves when it is committed; all of it is applied or, when it
   * throws, nothing. The environment is locked against writers of all processes meanwhile: keep it short.
   * @throws AppError `unavailable` (retryable) when the commit failed; what `change` threw, unchanged if an AppError.
   */
  async write<T>(change: () => T): Promise<T> {
    this.#assertOpen();
    try {
      return await this.#shared.root.childTransaction(change);
    } catch (error) {
      throw toAppError(error, this.#file);
    }
  }

  /** Frees the reader slots of processes that died. */
  clearStaleReaders(): void {
    this.#assertOpen();
    this.#shared.root.readerCheck();
  }

  get closed(): boolean {
    return this.#closed;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#shared.handles -= 1;
    if (this.#shared.handles > 0) return;
    openEnvironments.delete(this.#file);
    await this.#shared.root.close();
  }

  #assertOpen(): void {
    if (this.#closed) throw new AppError('unavailable', 'The store is closed.', { context: { file: this.#file } });
  }
}

function openRoot(file: string, options: EnvironmentOptions): RootDatabase<Buffer, Buffer> {
  try {
    return open<Buffer, Buffer>({
      path: file,
      noSubdir: true,
      overlappingSync: options.fsync === 'background',
      // Only whole transactions are submitted: nothing needs gathering, and a gathering promise of the library's
      // own would reject unheard when a commit fails.
      eventTurnBatching: false,
      mapSize: MAP_SIZE_BYTES,
      maxDbs: MAX_TABLES,
      maxReaders: MAX_READERS,
    });
  } catch (error) {
    throw toAppError(error, file);
  }
}

function toAppError(error: unknown, file: string): AppError {
  if (error instanceof AppError) return error;
  swallowCommitError(error);
  return new AppError('unavailable', `The store ${file} could not be written.`, {
    retryable: true,
    context: { file },
    cause: error,
  });
}

/** lmdb hangs the reason of a failed commit on the error as a promise that rejects: nobody else awaits it. */
function swallowCommitError(error: unknown): void {
  if (typeof error !== 'object' || error === null || !('commitError' in error)) return;
  if (error.commitError instanceof Promise) error.commitError.catch(() => {});
}
