import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isPortFree } from '../../stack/cluster/ports.ts';
import { DEFAULT_PORTS } from '../../stack/cluster/versions.ts';
import { enginePids, type Platform, servicePids } from '../platform/platform.ts';
import { type Program, startProgram } from '../platform/program.ts';

const ROOT = dirname(dirname(import.meta.dirname));
const COMMAND = join(ROOT, 'stack/local-cluster.ts');
/** Engines, and on a clean checkout the web app's build: minutes on a busy machine. */
const READY_WITHIN_MS = 480_000;
const ATTEMPTS = 200;
/** Public, internal, the worker's internal, the identity provider's: in a row. */
const PRODUCT_PORTS = 4;
/** Below the ports that systems lend to outgoing connections. */
const FIRST_PORT = 20_000;
const SPREAD = 8_000;
const MOST_OFFSET = 8_000;

/**
 * Starts what `npm run cluster` starts: the product on real engines, on free ports and data of its own, with 50
 * simulated events per second.
 * @throws Error with the end of its output when it is not ready in time
 */
export async function startClusterPlatform(): Promise<Platform> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ebap-e2e-cluster-'));
  const port = await findFree((n) => FIRST_PORT + ((n * PRODUCT_PORTS) % SPREAD), portsFrom);
  const offset = await findFree((n) => n % MOST_OFFSET, enginePorts);
  const url = `http://localhost:${port}`;
  const env = {
    EBAP_DATA_DIR: dataDir,
    EBAP_PORT: String(port),
    EBAP_CLUSTER_PORT_OFFSET: String(offset),
    EBAP_SIMULATOR: '50',
  };
  let program: Program;
  try {
    program = await startProgram({
      command: [COMMAND],
      cwd: ROOT,
      env,
      readyUrl: `${url}/readyz`,
      readyWithinMs: READY_WITHIN_MS,
    });
  } catch (error) {
    wipe(dataDir, env);
    throw error;
  }
  return {
    url,
    dataDir,
    async stop() {
      const pids = [...servicePids(dataDir).values(), ...enginePids(dataDir).values()];
      try {
        await program.stop();
      } finally {
        wipe(dataDir, env);
      }
      const left = pids.filter(isRunning);
      if (left.length > 0) throw new Error(`Processes were left running: ${left.join(', ')}`);
    },
  };
}

/** The databases too, which lie elsewhere where root has started them. */
function wipe(dataDir: string, env: Readonly<Record<string, string>>): void {
  spawnSync(process.execPath, [COMMAND, 'wipe'], { cwd: ROOT, env: { ...process.env, ...env } });
  rmSync(dataDir, { recursive: true, force: true });
}

const portsFrom = (first: number): readonly number[] => Array.from({ length: PRODUCT_PORTS }, (_, n) => first + n);
const enginePorts = (offset: number): readonly number[] => Object.values(DEFAULT_PORTS).map((port) => port + offset);

/** A start from which all ports are free now. */
async function findFree(startOf: (n: number) => number, ports: (start: number) => readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const start = startOf(Math.floor(Math.random() * SPREAD));
    const free = await Promise.all(ports(start).map(isPortFree));
    if (free.every(Boolean)) return start;
  }
  throw new Error('No free ports were found.');
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
