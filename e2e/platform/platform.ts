import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const ROOT = dirname(dirname(import.meta.dirname));
/** A clean checkout builds the web app first. */
const READY_WITHIN_MS = 240_000;
const STOP_WITHIN_MS = 60_000;
const POLL_MS = 200;
const SHOWN_LINES = 60;

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
  const output: string[] = [];
  const child = spawn(process.execPath, [join(ROOT, 'stack/embedded.ts')], {
    cwd: ROOT,
    // A group of its own: a Ctrl-C at the tests reaches it once, by us.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      EBAP_LIFELINE_FD: '3',
      EBAP_DATA_DIR: dataDir,
      EBAP_PORT: String(port),
      EBAP_INTERNAL_PORT: String(internalPort),
      EBAP_WORKER_INTERNAL_PORT: String(workerInternalPort),
      EBAP_PUBLIC_URL: url,
      EBAP_SIMULATOR: '50',
    },
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => output.push(...text.trimEnd().split('\n')));
  const told = () => output.slice(-SHOWN_LINES).join('\n');
  try {
    await untilReady(child, url, told);
  } catch (error) {
    await end(child, 'SIGKILL');
    removeData(dataDir);
    throw error;
  }
  return { url, dataDir, stop: () => stop(child, dataDir, told) };
}

async function stop(child: ChildProcess, dataDir: string, told: () => string): Promise<void> {
  const pids = [...servicePids(dataDir).values()];
  const code = await end(child, 'SIGINT');
  const left = pids.filter(isRunning);
  removeData(dataDir);
  if (code !== 0) throw new Error(`The platform ended with ${code}:\n${told()}`);
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
  const recorded: unknown = JSON.parse(readFileSync(join(dataDir, 'run/services.json'), 'utf8'));
  if (typeof recorded !== 'object' || recorded === null) return new Map();
  return new Map(Object.entries(recorded).map(([name, entry]) => [name, Number(entry?.pid)]));
}

/** One of the secrets that the first start has made: `demo-api-key`, `demo-api-key-acme`. */
export function readSecret({ dataDir }: PlatformAddress, name: string): string {
  return readFileSync(join(dataDir, 'secrets', name), 'utf8').trim();
}

async function untilReady(child: ChildProcess, url: string, told: () => string): Promise<void> {
  const deadlineMs = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadlineMs) {
    if (child.exitCode !== null) throw new Error(`The platform did not start:\n${told()}`);
    if (await answers(`${url}/readyz`)) return;
    await delay(POLL_MS);
  }
  throw new Error(`The platform was not ready within ${READY_WITHIN_MS / 1_000} s:\n${told()}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return answer.ok;
  } catch {
    return false;
  }
}

/** Signals the process and waits for its end; what outlives the time is killed with its group. */
async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const timer = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), STOP_WITHIN_MS);
  const code = await exited;
  clearTimeout(timer);
  return code;
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
