import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processIdentity } from '@ebap/adapters/process';
import { type ClusterLog, LocalCluster, type LocalClusterOptions } from './localCluster.ts';
import { freeClusterPorts } from './ports.ts';
import { engineCacheDir } from './settings.ts';

/** `ebap-engines-<pid of the owner>-<random>` */
const FOLDER = /^ebap-engines-(\d+)-/;

/** A cluster for tests: on free ports, on data of its own that goes with it. */
export interface ThrowawayCluster {
  readonly cluster: LocalCluster;
  /** Stops the engines and removes their data. */
  remove(): Promise<void>;
  /** The same at once, as far as it goes, for a process that exits now; the next run removes what is left. */
  abandon(): void;
}

/**
 * Makes a cluster in a temporary folder; it is not started yet. What killed owners left there is removed.
 * @throws AppError `configuration` when no Java is new enough
 */
export async function makeThrowawayCluster(
  env: NodeJS.ProcessEnv,
  log: ClusterLog,
  options: Pick<LocalClusterOptions, 'engines' | 'heapMib'> = {},
): Promise<ThrowawayCluster> {
  removeAbandoned();
  const folder = mkdtempSync(join(tmpdir(), `ebap-engines-${process.pid}-`));
  // As root the databases run as another user, who has to reach them; everything else is in a folder of its own.
  const sharedDir = join(folder, 'databases');
  mkdirSync(sharedDir);
  for (const dir of [folder, sharedDir]) chmodSync(dir, 0o755);
  const dataDir = join(folder, 'data');
  const ports = await freeClusterPorts();
  const cluster = new LocalCluster({ ...options, dataDir, sharedDir, cacheDir: engineCacheDir(env), ports, env, log });
  return {
    cluster,
    async remove() {
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
    abandon() {
      void cluster.kill();
      removeIfPossible(folder);
    },
  };
}

function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(FOLDER.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || processIdentity(pid) !== undefined) continue;
    removeIfPossible(join(tmpdir(), name));
  }
}

/** Somebody else's, or still being written to: it stays for a later run. */
function removeIfPossible(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Nothing depends on it.
  }
}
