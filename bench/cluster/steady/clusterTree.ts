import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKafkaEventLog } from '@ebap/adapters/event-log';
import { openRedisHotStore } from '@ebap/adapters/hot-store';
import { AppError } from '@ebap/pipeline/errors';
import type { EventLog, HotStore } from '@ebap/pipeline/ports';
import type { ClusterAddresses } from '../../../stack/cluster/addresses.ts';
import { clusterPaths } from '../../../stack/cluster/cli/paths.ts';
import { LocalCluster } from '../../../stack/cluster/localCluster.ts';
import { freePortsInARow, isPortFree } from '../../../stack/cluster/ports.ts';
import { loadClusterSettings } from '../../../stack/cluster/settings.ts';
import { Tree } from '../../../trials/processes/tree.ts';
import type { StageContext } from '../stage.ts';

/** The whole product as `npm run cluster` runs it, with one worker, and clients of this process's own. */
export interface ClusterTree {
  readonly tree: Tree;
  readonly addresses: ClusterAddresses;
  readonly log: EventLog;
  readonly hot: HotStore;
  pids(): ReadonlyMap<string, number>;
}

/** Web app and what is beside it: its internal port, the worker's, the identity provider's. */
const PRODUCT_PORTS = 5;
const ATTEMPTS = 200;

/** Starts it in a folder of its own; it ends, and its data goes, with the stage. */
export async function startClusterTree({ root, ending, keep, note }: StageContext): Promise<ClusterTree> {
  const dir = await mkdtemp(join(tmpdir(), 'ebap-cluster-bench-'));
  const logs = join(dir, 'logs');
  await mkdir(logs);
  const dataDir = join(dir, 'data');
  const env = {
    EBAP_INGEST_EVENTS_PER_SECOND: '1000000',
    EBAP_CLUSTER_PORT_OFFSET: String(await freeOffset(root)),
  };
  const port = await freePortsInARow(PRODUCT_PORTS);
  const tree = new Tree({
    root,
    dataDir,
    port,
    logFile: join(logs, 'tree.log'),
    entry: 'stack/local-cluster.ts',
    env,
  });
  const killNow = (): void => tree.killAll();
  process.once('exit', killNow);
  ending.add(async (failed) => {
    await tree.stop().catch(() => tree.killAll());
    process.off('exit', killNow);
    if (failed) await keep(logs);
    await wipe(root, dataDir);
    await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });
  note('starting the product on its engines');
  await tree.start();
  const addresses = addressesOf(root, dataDir, env);
  const log = await openKafkaEventLog({ brokers: addresses.kafka.brokers, clientId: 'bench' });
  const hot = await openRedisHotStore({ address: { mode: 'single', url: addresses.redisUrl } });
  ending.add(async () => {
    await hot.close();
    await log.close();
  });
  const pids = (): ReadonlyMap<string, number> => new Map([...tree.engines(), ...tree.services()]);
  return { tree, addresses, log, hot, pids };
}

function settingsOf(root: string, dataDir: string, env: Readonly<Record<string, string>>) {
  return loadClusterSettings({ ...process.env, ...env, EBAP_DATA_DIR: dataDir }, root);
}

/** Where the engines answer, by the secrets that lie in the data folder. */
function addressesOf(root: string, dataDir: string, env: Readonly<Record<string, string>>): ClusterAddresses {
  const { cacheDir, ports } = settingsOf(root, dataDir, env);
  const quiet = { step: <Result>(_: string, work: () => Promise<Result>) => work() };
  const parts = { dataDir: clusterPaths(dataDir).engines, cacheDir, ports, env: process.env, log: quiet };
  return new LocalCluster(parts).addresses;
}

/** Removes what does not lie in the data folder too: as root, the databases. */
async function wipe(root: string, dataDir: string): Promise<void> {
  const child = spawn(process.execPath, ['stack/local-cluster.ts', 'wipe'], {
    cwd: root,
    stdio: 'ignore',
    env: { ...process.env, EBAP_DATA_DIR: dataDir },
  });
  await new Promise((resolve) => child.once('close', resolve).once('error', resolve));
}

/** A shift of all the engines' usual ports by which all are free. */
async function freeOffset(root: string): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const offset = 200 + Math.floor(Math.random() * 10_000);
    const { ports } = settingsOf(root, root, { EBAP_CLUSTER_PORT_OFFSET: String(offset) });
    const free = await Promise.all(Object.values(ports).map(isPortFree));
    if (free.every(Boolean)) return offset;
  }
  throw new AppError('unavailable', 'No free ports for the engines.');
}
