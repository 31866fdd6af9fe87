import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { installBinaries } from '../../embedded-postgres/binaries.ts';

/** A throw-away PostgreSQL server for one test file. */
export interface TestCluster {
  readonly port: number;
  /** A new database with the product's tables. */
  createDatabase(): Promise<string>;
  /** Ends the server: `SIGINT` in order, `SIGQUIT` as a crash. */
  halt(signal: 'SIGINT' | 'SIGQUIT'): Promise<void>;
  /** Starts it again on the same data and port. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

const MIGRATIONS = new URL('../../../../db/prisma/migrations/', import.meta.url);
const PASSWORD = randomUUID();
/** The server refuses to run as root: any unprivileged user will do. */
const UNPRIVILEGED_ID = 65_534;
const START_TIMEOUT_MS = 20_000;

/** Starts a server in a temporary folder. Unlike the embedded one it takes settings, and can be made to crash. */
export async function startTestCluster(settings: Readonly<Record<string, string>> = {}): Promise<TestCluster> {
  const dir = await mkdtemp(join(tmpdir(), 'postgres-'));
  const { initdb, postgres } = await installBinaries(dir);
  const identity = process.getuid?.() === 0 ? { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID } : {};
  if (identity.uid !== undefined) await chown(dir, identity.uid, identity.gid);
  const data = join(dir, 'data');
  const made = spawnSync(initdb, ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '-N'], {
    ...identity,
    cwd: dir,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? made.stderr}`);
  const port = await freePort();
  const all = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    wal_level: 'logical',
    ...settings,
  };
  const args = ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const start = async (): Promise<ChildProcess> => {
    const deadlineMs = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      const child = spawn(postgres, args, { ...identity, cwd: dir, stdio: 'ignore' });
      if (await isReady(port, child, deadlineMs)) return child;
      // After a crash the last sessions may still hold the shared memory.
      await sleep(50);
    }
  };
  let server = await start().catch(async (error: unknown) => {
    await rm(dir, { recursive: true, force: true });
    throw error;
  });
  const halt = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  };
  return {
    port,
    createDatabase: () => createDatabase(port),
    halt,
    async resume() {
      server = await start();
    },
    async stop() {
      await halt('SIGINT');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function urlOf(port: number, database: string): string {
  return `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/${database}`;
}

async function createDatabase(port: number): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Client({ connectionString: urlOf(port, 'postgres') });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const url = urlOf(port, name);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const sql of await migrations()) await client.query(sql);
  await client.end();
  return url;
}

/** The product's migrations, in their order. */
async function migrations(): Promise<readonly string[]> {
  const folders = (await readdir(MIGRATIONS, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const names = folders.map(({ name }) => name).sort();
  return Promise.all(names.map((name) => readFile(new URL(`${name}/migration.sql`, MIGRATIONS), 'utf8')));
}

/** False if the server ended instead. */
async function isReady(port: number, child: ChildProcess, deadlineMs: number): Promise<boolean> {
  for (;;) {
    const client = new pg.Client({ connectionString: urlOf(port, 'postgres'), connectionTimeoutMillis: 1_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return true;
    } catch (error) {
      await client.end().catch(() => {});
      if (Date.now() > deadlineMs) throw error;
      if (child.exitCode !== null) return false;
      await sleep(20);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
