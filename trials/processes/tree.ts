import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A platform of its own: one supervisor and its services, on ports and data of their own. */
export interface TreeOptions {
  readonly root: string;
  readonly dataDir: string;
  readonly port: number;
  readonly logFile: string;
  /** What starts it; default the embedded platform. */
  readonly entry?: 'stack/embedded.ts' | 'stack/local-cluster.ts';
  readonly env?: Readonly<Record<string, string>>;
}

const START_MS = 240_000;
const STOP_MS = 60_000;

export class Tree {
  readonly #options: TreeOptions;
  #supervisor: ChildProcess | null = null;

  constructor(options: TreeOptions) {
    this.#options = options;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#options.port}`;
  }

  get workerUrl(): string {
    return `http://127.0.0.1:${this.#options.port + 2}`;
  }

  keyFile(name: string): string {
    return join(this.#options.dataDir, 'secrets', name);
  }

  /** Starts the supervisor and resolves when web and worker are ready. */
  async start(): Promise<void> {
    const { root, dataDir, port, logFile, entry = 'stack/embedded.ts', env } = this.#options;
    const child = spawn(process.execPath, [entry], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, EBAP_SIMULATOR: 'off', ...env, EBAP_DATA_DIR: dataDir, EBAP_PORT: String(port) },
    });
    const out = createWriteStream(logFile, { flags: 'a' });
    child.stdout.pipe(out, { end: false });
    child.stderr.pipe(out, { end: false });
    this.#supervisor = child;
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`the platform ended with ${child.exitCode}: see ${logFile}`);
      return (
        this.services().has('web') &&
        (await isReady(`${this.url}/readyz`)) &&
        (await isReady(`${this.workerUrl}/readyz`))
      );
    }, START_MS);
  }

  /** Process ids of the running services, by name. */
  services(): ReadonlyMap<string, number> {
    return this.#pids('services.json');
  }

  /** Process ids of the cluster's engines, by name; none on the embedded platform. */
  engines(): ReadonlyMap<string, number> {
    return this.#pids('engines.json');
  }

  #pids(name: string): ReadonlyMap<string, number> {
    const file = join(this.#options.dataDir, 'run', name);
    if (!existsSync(file)) return new Map();
    try {
      const services = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { readonly pid: number }>;
      return new Map(Object.entries(services).map(([name, { pid }]) => [name, pid]));
    } catch {
      return new Map(); // being written
    }
  }

  /** kill -9 of one service; the supervisor brings it back. Returns its process id. */
  killService(name: string): number {
    const pid = this.services().get(name);
    if (pid === undefined) throw new Error(`no process of ${name}`);
    process.kill(pid, 'SIGKILL');
    return pid;
  }

  /** kill -9 of the supervisor and all services at once. */
  killAll(): void {
    const pids = [...this.services().values(), ...this.engines().values()];
    this.#supervisor?.kill('SIGKILL');
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It was gone already.
      }
    }
    this.#supervisor = null;
  }

  /** Ctrl-C, as a person would. */
  async stop(): Promise<void> {
    const child = this.#supervisor;
    if (child === null || child.exitCode !== null) return;
    const pids = [...this.services().values()];
    child.kill('SIGINT');
    await until(() => child.exitCode !== null || child.signalCode !== null, STOP_MS);
    await until(() => pids.every((pid) => !isAlive(pid)), 10_000);
    this.#supervisor = null;
  }
}

export async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).status === 200;
  } catch {
    return false;
  }
}

/** Polls until the condition holds. @throws after the time is over. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
  everyMs = 100,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
