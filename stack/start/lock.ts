import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processIdentity } from '@ebap/adapters/process';
import { AppError } from '@ebap/pipeline/errors';

export interface Holder {
  readonly pid: number;
  readonly identity: string;
  readonly url: string;
}

export interface DataLock {
  /** True when an earlier start was killed and left its lock behind. */
  readonly tookOver: boolean;
  release(): void;
}

const LOCK_FILE = 'lock';
const ATTEMPTS = 5;

/**
 * Takes the data folder for this process. The lock of a process that is gone is taken over.
 * @param url where the platform of this process will answer, for the message to a second start
 * @throws AppError `conflict` naming process and address of the living holder
 */
export function lockDataDir(dataDir: string, url: string): DataLock {
  const path = join(dataDir, LOCK_FILE);
  const own: Holder = { pid: process.pid, identity: processIdentity(process.pid) ?? '', url };
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 });
  let tookOver = false;
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (tryLink(draft, path)) return { tookOver, release: () => release(path, own) };
      removeIfStale(path);
      tookOver = true;
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new AppError('conflict', `Another start is taking ${dataDir} at this moment. Try again.`);
}

/** The living process that has the data folder; undefined when none has. */
export function livingHolder(dataDir: string): Holder | undefined {
  const holder = readHolder(join(dataDir, LOCK_FILE));
  return holder !== undefined && processIdentity(holder.pid) === holder.identity ? holder : undefined;
}

/** Creating a hard link is atomic and fails when the name is taken. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function removeIfStale(path: string): void {
  const holder = readHolder(path);
  if (holder !== undefined && processIdentity(holder.pid) === holder.identity) {
    throw new AppError(
      'conflict',
      `EBAP is already running here: process ${holder.pid}, ${holder.url}\n` +
        'Stop it with Ctrl-C in its terminal, or start a second one with EBAP_DATA_DIR and EBAP_PORT of its own.',
      { context: { pid: holder.pid } },
    );
  }
  // Moved aside first: of two starts that see the same stale lock, only one moves it, and what was moved is looked at.
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const moved = readHolder(aside);
  if (moved !== undefined && moved.identity !== holder?.identity) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function release(path: string, own: Holder): void {
  if (readHolder(path)?.identity === own.identity) rmSync(path, { force: true });
}

/** Undefined when there is no lock, or one that a kill left half-written. */
function readHolder(path: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    if (!('pid' in value && 'identity' in value && 'url' in value)) return undefined;
    return { pid: Number(value.pid), identity: String(value.identity), url: String(value.url) };
  } catch {
    return undefined;
  }
}
