import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@ebap/pipeline/errors';
import { absent } from './faults.ts';
import { eventually, isAlive, processesIn, processIdentity, signal, worksIn } from './processes.ts';

/** A claim is an empty file whose name tells who claims: nothing can be read half-written. */
const CLAIM = /^starter-(\d+)-([^-]+)-[0-9a-f-]{36}$/;
const FAST_SHUTDOWN_TIMEOUT_MS = 20_000;
const IMMEDIATE_SHUTDOWN_TIMEOUT_MS = 10_000;

/**
 * Claims the cluster of `home` for this process; the returned function takes the claim back. Claims first and looks
 * then: of starts at the same moment at most one goes on, perhaps none.
 * @throws AppError `configuration` while the process of another claim lives.
 */
export async function claimHome(home: string): Promise<() => Promise<void>> {
  const identity = encodeIdentity(await processIdentity(process.pid));
  const own = `starter-${process.pid}-${identity}-${randomUUID()}`;
  const release = () => rm(join(home, own), { force: true });
  await writeFile(join(home, own), '', { mode: 0o600, flag: 'wx' });
  try {
    await refuseOtherClaims(home, own);
  } catch (error) {
    await release();
    throw error;
  }
  return release;
}

/** Claims of processes that are gone are removed on the way. */
async function refuseOtherClaims(home: string, own: string): Promise<void> {
  for (const name of await readdir(home)) {
    const claim = CLAIM.exec(name);
    if (claim === null || name === own) continue;
    const pid = Number(claim[1]);
    if (encodeIdentity(await processIdentity(pid)) === claim[2]) {
      throw new AppError('configuration', `The database in ${home} is in use by process ${pid}: stop that one first.`, {
        context: { pid },
      });
    }
    await rm(join(home, name), { force: true });
  }
}

function encodeIdentity(identity: string | undefined): string {
  return Buffer.from(identity ?? '').toString('hex');
}

/**
 * Ends what a killed earlier run left: a server that still runs is shut down (fast, then immediately, which costs
 * only a recovery at the next start), and a pid file that names somebody else's process is removed.
 * @throws AppError `configuration` when the server does not end.
 */
export async function endEarlierServer(cluster: string): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  const text = await readFile(pidFile, 'utf8').catch(absent);
  const pid = Number.parseInt(text ?? '', 10);
  if (text !== undefined && Number.isInteger(pid) && pid > 1 && (await isAlive(pid))) {
    if (await worksIn(pid, cluster)) await endServer(pid);
  }
  const gone = await eventually(async () => (await processesIn(cluster)).length === 0, FAST_SHUTDOWN_TIMEOUT_MS);
  if (!gone) throw new AppError('configuration', `Processes of an earlier run still use ${cluster}: end them.`);
  await rm(pidFile, { force: true });
}

async function endServer(pid: number): Promise<void> {
  const ended = async () => !(await isAlive(pid));
  signal(pid, 'SIGINT');
  if (await eventually(ended, FAST_SHUTDOWN_TIMEOUT_MS)) return;
  signal(pid, 'SIGQUIT');
  if (await eventually(ended, IMMEDIATE_SHUTDOWN_TIMEOUT_MS)) return;
  throw new AppError('configuration', `The PostgreSQL of an earlier run (process ${pid}) does not end: end it.`, {
    context: { pid },
  });
}
