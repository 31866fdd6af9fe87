import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@ebap/pipeline/errors';
import { absent } from './faults.ts';
import { eventually, isAlive, processesIn, processIdentity, signal, worksIn } from './processes.ts';

const STARTER = 'starter.json';
const FAST_SHUTDOWN_TIMEOUT_MS = 20_000;
const IMMEDIATE_SHUTDOWN_TIMEOUT_MS = 10_000;

/**
 * Notes this process as the one that runs the cluster of `home`; the returned function takes the note back.
 * @throws AppError `configuration` while the process of an earlier note lives.
 */
export async function claimHome(home: string): Promise<() => Promise<void>> {
  const path = join(home, STARTER);
  const text = await readFile(path, 'utf8').catch(absent);
  const earlier = /^(\d+) (.+)$/.exec(text ?? '');
  if (earlier !== null) {
    const pid = Number(earlier[1]);
    if ((await processIdentity(pid)) === earlier[2]) {
      throw new AppError('configuration', `The database in ${home} is in use by process ${pid}: stop that one first.`, {
        context: { pid },
      });
    }
  }
  await writeFile(path, `${process.pid} ${await processIdentity(process.pid)}`, { mode: 0o600 });
  return () => rm(path, { force: true });
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
