import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@ebap/pipeline/errors';
import type { Binaries } from './binaries.ts';
import { absent, folderFault, serverFault } from './faults.ts';
import type { Home } from './home.ts';

/** The role that owns everything in the embedded database. */
export const SUPERUSER = 'postgres';
/** No variable of ours reaches the server: it needs none and its log quotes some. */
export const SERVER_ENV = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

const STAGING_PREFIX = 'cluster.new-';
const PASSWORD_PREFIX = 'password-';

/** The folder of the cluster in `home`. */
export function clusterDir(home: Home): string {
  return join(home.dir, 'cluster');
}

/**
 * Creates the cluster if there is none. It is made under another name and renamed when whole, so that a kill
 * half-way leaves nothing that looks like a cluster.
 * @throws AppError `configuration` (folder, disk, user), `unsupported_version` when another major version made it.
 */
export async function ensureCluster(home: Home, binaries: Binaries, password: string): Promise<void> {
  for (const name of await readdir(home.dir)) {
    if (name.startsWith(STAGING_PREFIX) || name.startsWith(PASSWORD_PREFIX)) {
      // The initdb of a killed start may still be writing there for a moment.
      await rm(join(home.dir, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    }
  }
  const made = (await readFile(join(clusterDir(home), 'PG_VERSION'), 'utf8').catch(absent))?.trim();
  if (made === undefined) return createCluster(home, binaries, password);
  if (made === String(binaries.majorVersion)) return;
  throw new AppError(
    'unsupported_version',
    `${clusterDir(home)} was made by PostgreSQL ${made}, this is ${binaries.majorVersion}: dump and load it.`,
  );
}

async function createCluster(home: Home, binaries: Binaries, password: string): Promise<void> {
  const staging = join(home.dir, `${STAGING_PREFIX}${randomUUID()}`);
  const passwordFile = join(home.dir, `${PASSWORD_PREFIX}${randomUUID()}`);
  try {
    await mkdir(staging, { mode: 0o700 });
    await writeFile(passwordFile, password, { mode: 0o600, flag: 'wx' });
    if (home.runAs !== undefined) {
      await chown(staging, home.runAs.uid, home.runAs.gid);
      await chown(passwordFile, home.runAs.uid, home.runAs.gid);
    }
    await runInitdb(home, binaries, staging, passwordFile);
    await rename(staging, clusterDir(home));
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    throw folderFault(home.dir, error);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** The builtin collation provider sorts alike on every system, whatever locales it has. */
async function runInitdb(home: Home, binaries: Binaries, dir: string, passwordFile: string): Promise<void> {
  const args = [
    `--pgdata=${dir}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--data-checksums',
  ];
  const child = spawn(binaries.initdb, args, {
    cwd: home.dir,
    env: SERVER_ENV,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...home.runAs,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).catch((error: unknown) => {
    throw cannotRun(binaries.initdb, error);
  });
  if (code !== 0) throw serverFault(home.dir, undefined, output);
}

/** The system refused to run the program: another C library, a `noexec` mount, or no right to change the user. */
export function cannotRun(program: string, cause: unknown): AppError {
  return new AppError('configuration', `${program} cannot run on this system (glibc and an executable mount needed).`, {
    cause,
  });
}
