import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Redis, type RedisOptions } from 'ioredis';
import { engines } from '../../../testing/engines.ts';

/** A Redis process of one test, on loopback, with a folder of its own. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  readonly dir: string;
  /** Starts it again with the same folder and port. */
  start(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Leaves all connections open and answers nothing. */
  pause(): void;
  resume(): void;
  dispose(): Promise<void>;
}

export interface RedisServerOptions {
  /** Directives of redis.conf, beside port, folder and loopback; without any, nothing is kept on disk. */
  readonly config?: readonly string[];
  /** How to reach it, where that needs more than the port. */
  readonly access?: ServerAccess;
  readonly sentinel?: boolean;
  readonly port?: number;
}

/** How the fixture itself signs in. */
export type ServerAccess = Pick<RedisOptions, 'tls' | 'username' | 'password'>;

const READY_TIMEOUT_MS = 20_000;

/** Starts the program that the run's own Redis runs. @throws Error with its log if it does not get ready. */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const port = options.port ?? (await freePort());
  const dir = await mkdtemp(join(tmpdir(), 'redis-'));
  const file = join(dir, 'redis.conf');
  const config = options.config ?? [];
  const isTls = config.some((line) => line.startsWith('tls-port'));
  const ports = isTls ? 'port 0' : `port ${port}`;
  const base = ['bind 127.0.0.1', ports, `dir ${dir}`, 'daemonize no', `logfile ${join(dir, 'redis.log')}`];
  await writeFile(file, [...base, ...(options.sentinel === true ? [] : ['save ""']), ...config, ''].join('\n'));
  const { program, ...environment } = await redisProgram();
  let child: ChildProcess | null = null;

  const start = async (): Promise<void> => {
    child = spawn(program, [file, ...(options.sentinel === true ? ['--sentinel'] : [])], {
      stdio: 'ignore',
      ...environment,
    });
    const failed = once(child, 'error').then(([error]) => Promise.reject(error));
    await Promise.race([waitUntilReady(port, options.access ?? {}, dir), failed]);
    failed.catch(() => undefined);
  };
  const kill = async (): Promise<void> => {
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  const dispose = async (): Promise<void> => {
    child?.kill('SIGCONT');
    await kill();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    dir,
    start,
    kill,
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    dispose,
  };
}

async function waitUntilReady(port: number, access: ServerAccess, dir: string): Promise<void> {
  const client = new Redis({ port, host: '127.0.0.1', ...access, retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  const late = AbortSignal.timeout(READY_TIMEOUT_MS);
  try {
    await Promise.race([client.ping(), once(late, 'abort').then(() => Promise.reject(new Error('not ready')))]);
  } catch (error) {
    const log = await readFile(join(dir, 'redis.log'), 'utf8').catch(() => '');
    throw new Error(`redis-server did not get ready:\n${log}`, { cause: error });
  } finally {
    client.disconnect();
  }
}

/** A port that nothing listens on, with the one 10,000 above it, which a cluster's nodes use between them. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    server.close();
    await once(server, 'close');
    if (typeof address === 'object' && address !== null && address.port + 10_000 <= 65_535) return address.port;
  }
}

/** The program of the run's own Redis; outside the system's folders it brings its libraries beside it. */
async function redisProgram(): Promise<{ readonly program: string; readonly env?: NodeJS.ProcessEnv }> {
  const client = new Redis(engines().redisUrl);
  try {
    const program = /^executable:(.+?)\r?$/m.exec(await client.info('server'))?.[1];
    // One that was started by its name alone does not know its folder.
    if (program === undefined || !existsSync(program)) return { program: 'redis-server' };
    const libraries = join(dirname(program), '../lib');
    const folders = (await readdir(libraries).catch(() => [])).filter((name) => name.endsWith('-linux-gnu'));
    const isSystem = libraries === '/usr/lib' || folders.length === 0;
    const path = folders.map((name) => join(libraries, name)).join(':');
    return isSystem ? { program } : { program, env: { LD_LIBRARY_PATH: path } };
  } finally {
    client.disconnect();
  }
}
