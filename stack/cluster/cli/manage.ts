import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { locateHome } from '@ebap/adapters/embedded-postgres';
import { AppError } from '@ebap/pipeline/errors';
import { endLeftovers, livingServices } from '../../start/leftovers.ts';
import { livingHolder } from '../../start/lock.ts';
import type { Terminal } from '../../terminal/index.ts';
import { postgresDataDir } from '../engines/postgres.ts';
import { residentBytes } from '../process/processTree.ts';
import { ENGINE_NAMES } from '../versions.ts';
import { clusterPaths } from './paths.ts';

const STOP_WITHIN_MS = 120_000;
const POLL_MS = 200;
const MIB = 1 << 20;

/** Process and memory of each engine, with its log, and of each of the platform's programs. */
export function showStatus(dataDir: string, terminal: Terminal): void {
  const { enginesFile, engines, servicesFile } = clusterPaths(dataDir);
  const holder = livingHolder(dataDir);
  terminal.line(holder === undefined ? 'The cluster does not run.' : `The cluster runs: process ${holder.pid}.`);
  const pids = new Map(livingServices(enginesFile).map(({ name, pid }) => [name, pid]));
  const services = livingServices(servicesFile);
  if (holder === undefined && pids.size + services.length === 0) return;
  for (const name of ENGINE_NAMES) {
    terminal.line(`${name.padEnd(10)} ${describe(pids.get(name)).padEnd(30)} ${join(engines, 'logs', `${name}.log`)}`);
  }
  for (const { name, pid } of services) terminal.line(`${name.padEnd(10)} ${describe(pid)}`);
}

function describe(pid: number | undefined): string {
  if (pid === undefined) return 'down';
  return `process ${String(pid).padEnd(8)} ${String(Math.round(residentBytes(pid) / MIB)).padStart(5)} MiB`;
}

/**
 * Stops the cluster that another terminal started, or ends what a killed one left.
 * @throws AppError `timeout` when it does not end
 */
export async function stopCluster(dataDir: string, terminal: Terminal): Promise<void> {
  const holder = livingHolder(dataDir);
  if (holder === undefined) {
    const left = await endAllLeftovers(dataDir);
    terminal.line(left.length === 0 ? 'The cluster does not run.' : `Ended what was left: ${left.join(', ')}.`);
    return;
  }
  await terminal.step('Stopped', async () => {
    process.kill(holder.pid, 'SIGTERM');
    const deadlineMs = performance.now() + STOP_WITHIN_MS;
    while (livingHolder(dataDir)?.pid === holder.pid) {
      if (performance.now() > deadlineMs) {
        throw new AppError('timeout', `Process ${holder.pid} does not end: kill it, and start and stop again.`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  });
}

/**
 * Removes all data of a cluster that does not run: topics, schemas, databases, the platform's state, all secrets. What
 * was fetched stays.
 * @throws AppError `conflict` while it runs
 */
export async function wipeCluster(dataDir: string, terminal: Terminal): Promise<void> {
  const holder = livingHolder(dataDir);
  if (holder !== undefined) throw new AppError('conflict', `The cluster runs (process ${holder.pid}): stop it first.`);
  const { engines, product, secrets, run } = clusterPaths(dataDir);
  await endAllLeftovers(dataDir);
  for (const name of ['platform', 'source'] as const) {
    // As root a database lies outside its folder.
    const home = await locateHome(postgresDataDir(engines, name));
    if (home !== null) rmSync(home, { recursive: true, force: true });
  }
  for (const folder of [engines, product, secrets, run]) rmSync(folder, { recursive: true, force: true });
  terminal.line(`Removed the data in ${dataDir}.`);
}

async function endAllLeftovers(dataDir: string): Promise<string[]> {
  const { servicesFile, enginesFile } = clusterPaths(dataDir);
  return [...(await endLeftovers(servicesFile)), ...(await endLeftovers(enginesFile))];
}
