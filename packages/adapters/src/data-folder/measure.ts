import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The parts of an installation that take disk. */
export type DataArea = 'eventLog' | 'hotStore' | 'stateFiles' | 'database' | 'other';

/** What an installation holds on disk now. */
export interface DataUse {
  readonly areas: Readonly<Record<DataArea, number>>;
  readonly totalBytes: number;
}

const BLOCK_BYTES = 512;
const AREA_OF_FOLDER: Readonly<Record<string, DataArea>> = {
  log: 'eventLog',
  hot: 'hotStore',
  files: 'stateFiles',
  postgres: 'database',
};

/**
 * Disk space by part, sparse files by what they really take. Files that go meanwhile count as nothing.
 * @param databaseDir where the embedded database lies, which as root is outside the data folder
 * @throws the system's fault for a folder that may not be read
 */
export async function measureDataUse(dataDir: string, databaseDir: string): Promise<DataUse> {
  const areas = { eventLog: 0, hotStore: 0, stateFiles: 0, database: 0, other: 0 };
  for (const entry of await entriesOf(dataDir)) {
    const area = AREA_OF_FOLDER[entry.name] ?? 'other';
    areas[area] += await sizeOf(dataDir, entry);
  }
  if (!databaseDir.startsWith(join(dataDir, 'postgres'))) areas.database += await folderBytes(databaseDir);
  return { areas, totalBytes: Object.values(areas).reduce((sum, bytes) => sum + bytes, 0) };
}

async function folderBytes(dir: string): Promise<number> {
  let bytes = 0;
  for (const entry of await entriesOf(dir)) bytes += await sizeOf(dir, entry);
  return bytes;
}

async function sizeOf(dir: string, entry: Dirent): Promise<number> {
  const path = join(dir, entry.name);
  if (entry.isDirectory()) return folderBytes(path);
  const info = await lstat(path).catch(gone);
  return (info?.blocks ?? 0) * BLOCK_BYTES;
}

async function entriesOf(dir: string): Promise<readonly Dirent[]> {
  return (await readdir(dir, { withFileTypes: true }).catch(gone)) ?? [];
}

function gone(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
    return undefined;
  throw error;
}
