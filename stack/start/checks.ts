import { mkdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { AppError } from '@ebap/pipeline/errors';

const LEAST_FREE_BYTES = 2 * 1024 ** 3;
const GIB = 1024 ** 3;

/** @throws AppError `configuration` when the folder cannot be made or written */
export async function checkWritable(dataDir: string): Promise<void> {
  const probe = join(dataDir, `.probe-${process.pid}`);
  try {
    await makeFolder(dataDir);
    await writeFile(probe, '');
    await rm(probe);
  } catch (cause) {
    throw new AppError(
      'configuration',
      `The data folder ${dataDir} cannot be used: ${wordsFor(reasonOf(cause))}. Mend that or set EBAP_DATA_DIR.`,
      { cause },
    );
  }
}

/** Creates the folder and those above it. Node's own recursive way never ends where nothing can be created (`/proc`). */
async function makeFolder(dir: string): Promise<void> {
  if (dir === dirname(dir)) return;
  const code = await tryMkdir(dir);
  if (code === 'EEXIST' && (await stat(dir)).isDirectory()) return;
  if (code === 'ENOENT') {
    await makeFolder(dirname(dir));
    await mkdir(dir, { mode: 0o700 });
  } else if (code !== undefined) throw Object.assign(new Error(code), { code });
}

async function tryMkdir(dir: string): Promise<string | undefined> {
  return mkdir(dir, { mode: 0o700 }).then(() => undefined, reasonOf);
}

/** What a system's code means to a person who chose the folder. */
function wordsFor(code: string): string {
  switch (code) {
    case 'EROFS':
      return 'its disk is read-only';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not write there';
    case 'EEXIST':
      return 'it is a file, not a folder';
    case 'ENOTDIR':
      return 'a part of its path is a file, not a folder';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'its disk is full';
    case 'ENOENT':
      return 'nothing can be created there';
    default:
      return `the system says ${code}`;
  }
}

/** @throws AppError `configuration` when less than 2 GiB are free */
export async function checkDiskSpace(dataDir: string, leastFreeBytes = LEAST_FREE_BYTES): Promise<void> {
  const { bavail, bsize } = await statfs(dataDir);
  const freeBytes = bavail * bsize;
  if (freeBytes >= leastFreeBytes) return;
  throw new AppError(
    'configuration',
    `Only ${(freeBytes / GIB).toFixed(1)} GiB are free where ${dataDir} lies; ` +
      `${(leastFreeBytes / GIB).toFixed(1)} GiB are needed. Free some or set EBAP_DATA_DIR to another disk.`,
  );
}

/**
 * @param variable the setting that changes the port, for the message
 * @param command what to start with it, for the message
 * @throws AppError `configuration` when the port is taken or may not be used
 */
export async function checkPortFree(
  host: string,
  port: number,
  variable: string,
  command = 'npm start',
): Promise<void> {
  const code = await listenOnce(host, port);
  if (code === undefined) return;
  const change = `Choose another with ${variable}, for example ${variable}=${port + 100} ${command}`;
  if (code === 'EADDRINUSE') {
    throw new AppError('configuration', `Port ${port} on ${host} is taken by another program. ${change}`);
  }
  if (code === 'EACCES') throw new AppError('configuration', `Port ${port} needs more rights than you have. ${change}`);
  throw new AppError(
    'configuration',
    `Nothing can listen on ${host}:${port} (${code}). Check EBAP_HOST and ${variable}.`,
  );
}

/** A port that is free now, chosen by the system. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new AppError('internal', 'The system gave no port.');
  return address.port;
}

/** The error's code, or undefined when listening worked. */
async function listenOnce(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error) => resolve(reasonOf(error)));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  return String(error);
}
