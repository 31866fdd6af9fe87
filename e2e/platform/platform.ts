import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type Program, startProgram } from './program.ts';

const ROOT = dirname(dirname(import.meta.dirname));
/** A clean checkout builds the web app first. */
const READY_WITHIN_MS = 240_000;

/** A running platform: where it answers and where its data lies. */
export interface PlatformAddress {
  readonly url: string;
  readonly dataDir: string;
}

export interface Platform extends PlatformAddress {
  /**
   * Stops everything as Ctrl-C does, and removes the data.
   * @throws Error when it does not end in time, ends with a fault, or leaves a process behind
   */
  stop(): Promise<void>;
}

/**
 * Starts the embedded platform on free ports and a data folder of its own, with 50 simulated events per second.
 * @throws Error with the end of its output when it is not ready in time
 */
export async function startPlatform(): Promise<Platform> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ebap-e2e-'));
  const [port, internalPort, workerInternalPort] = await freePorts(3);
  const url = `http://localhost:${port}`;
  let program: Program;
  try {
    program = await startProgram({
      command: [join(ROOT, 'stack/embedded.ts')],
      cwd: ROOT,
      env: {
        EBAP_DATA_DIR: dataDir,
        EBAP_PORT: String(port),
        EBAP_INTERNAL_PORT: String(internalPort),
        EBAP_WORKER_INTERNAL_PORT: String(workerInternalPort),
        EBAP_PUBLIC_URL: url,
        EBAP_SIMULATOR: '50',
      },
      readyUrl: `${url}/readyz`,
      readyWithinMs: READY_WITHIN_MS,
    });
  } catch (error) {
    removeData(dataDir);
    throw error;
  }
  return { url, dataDir, stop: () => stop(program, dataDir) };
}

async function stop(program: Program, dataDir: string): Promise<void> {
  const pids = [...servicePids(dataDir).values()];
  try {
    await program.stop();
  } finally {
    removeData(dataDir);
  }
  const left = pids.filter(isRunning);
  if (left.length > 0) throw new Error(`Processes were left running: ${left.join(', ')}`);
}

/** Removes the data folder, and the database's own where it had to lie elsewhere: PostgreSQL does not run as root. */
function removeData(dataDir: string): void {
  const location = join(dataDir, 'postgres/location.json');
  const recorded: unknown = existsSync(location) ? JSON.parse(readFileSync(location, 'utf8')) : null;
  const folder = recorded !== null && typeof recorded === 'object' && 'home' in recorded ? recorded.home : null;
  if (typeof folder === 'string' && basename(folder).startsWith('ebap-'))
    rmSync(folder, { recursive: true, force: true });
  rmSync(dataDir, { recursive: true, force: true });
}

/** The services' process ids by name, as the supervisor has written them down. */
export function servicePids(dataDir: string): ReadonlyMap<string, number> {
  return recordedPids(join(dataDir, 'run/services.json'));
}

/** The process ids of a cluster's engines by name. */
export function enginePids(dataDir: string): ReadonlyMap<string, number> {
  return recordedPids(join(dataDir, 'run/engines.json'));
}

function recordedPids(file: string): ReadonlyMap<string, number> {
  const recorded: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof recorded !== 'object' || recorded === null) return new Map();
  return new Map(Object.entries(recorded).map(([name, entry]) => [name, Number(entry?.pid)]));
}

/** One of the secrets that the first start has made: `demo-api-key`, `demo-api-key-acme`. */
export function readSecret({ dataDir }: PlatformAddress, name: string): string {
  return readFileSync(join(dataDir, 'secrets', name), 'utf8').trim();
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Ports that are free now, all different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
