import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AppError } from '@ebap/pipeline/errors';
import { cannotRun, clusterDir, SERVER_ENV } from './cluster.ts';
import { absent, serverFault } from './faults.ts';
import type { Home } from './home.ts';
import { eventually, isAlive, signal } from './processes.ts';

/** A running server process. */
export interface Server {
  /** Undefined once it has ended. */
  readonly pid: number | undefined;
  /** Settles when the process has ended, for whatever reason, with its last words. */
  readonly exited: Promise<string>;
  /** Ends sessions, writes a checkpoint and waits until the process is gone. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 120_000;
const FAST_SHUTDOWN_TIMEOUT_MS = 30_000;
const IMMEDIATE_SHUTDOWN_TIMEOUT_MS = 10_000;
const OUTPUT_LINES = 20;

/** How much of its own log the server may keep. */
export interface WalLimits {
  /** `max_wal_size`: between two checkpoints. */
  readonly maxWalBytes: number;
  /** `max_slot_wal_keep_size`: for a replication slot whose reader is behind; more loses the slot. */
  readonly walKeepBytes: number;
}

const MIB = 1 << 20;
export const DEFAULT_WAL_LIMITS: WalLimits = { maxWalBytes: 256 * MIB, walKeepBytes: 512 * MIB };

/** Small, durable, reachable over loopback TCP only, and ready for logical replication. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  fsync: 'on',
  full_page_writes: 'on',
  wal_level: 'logical',
  max_replication_slots: '10',
  max_wal_senders: '10',
  min_wal_size: '32MB',
  max_connections: '80',
  shared_buffers: '64MB',
  work_mem: '4MB',
  maintenance_work_mem: '32MB',
  max_worker_processes: '4',
  max_parallel_workers: '2',
  io_method: 'sync',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  logging_collector: 'off',
  log_min_messages: 'warning',
  log_checkpoints: 'off',
};

/**
 * Starts the server of the home's cluster on `port` and waits until it takes connections.
 * @throws AppError `configuration` when the port is taken or the disk is full, `timeout`, `internal`.
 */
export async function startServer(
  home: Home,
  postgres: string,
  port: number,
  log: (line: string) => void,
  { maxWalBytes, walKeepBytes }: WalLimits = DEFAULT_WAL_LIMITS,
): Promise<Server> {
  const cluster = clusterDir(home);
  const wal = { max_wal_size: mebibytes(maxWalBytes), max_slot_wal_keep_size: mebibytes(walKeepBytes) };
  const settings = Object.entries({ ...SETTINGS, ...wal, port: String(port) }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  // Its own process group: a terminal's Ctrl-C must not end the database before those who use it.
  const child = spawn(postgres, ['-D', cluster, ...settings], {
    cwd: home.dir,
    env: SERVER_ENV,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...home.runAs,
  });
  const output = collectOutput(child, log);
  let ended = false;
  const exited = new Promise<string>((resolve, reject) => {
    child.once('error', (error) => reject(cannotRun(postgres, error)));
    child.once('close', () => resolve(output.join('\n')));
  }).finally(() => {
    ended = true;
  });
  exited.catch(() => {});
  const lifeline = child.pid === undefined ? undefined : holdLifeline(child.pid, home);
  const stop = () => stopServer(child, () => ended, lifeline);
  exited.finally(() => lifeline?.kill('SIGKILL')).catch(() => {});

  const ready = await eventually(async () => ended || (await isReady(cluster, child.pid)), START_TIMEOUT_MS);
  if (ended) throw serverFault(home.dir, port, await exited);
  if (!ready) {
    await stop();
    throw new AppError('timeout', `The embedded PostgreSQL was not ready after ${START_TIMEOUT_MS / 1_000} s.`);
  }
  return {
    get pid() {
      return ended ? undefined : child.pid;
    },
    exited,
    stop,
  };
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / MIB)}MB`;
}

function collectOutput(child: ChildProcess, log: (line: string) => void): string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > OUTPUT_LINES) lines.shift();
      log(line);
    });
  }
  return lines;
}

/** The pid file's eighth line says `ready` once connections are taken. */
async function isReady(cluster: string, pid: number | undefined): Promise<boolean> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(absent);
  const lines = text?.split('\n') ?? [];
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

/** A shell that shuts the server down when this process is gone, even by `kill -9`: the pipe to it closes. */
function holdLifeline(pid: number, home: Home): ChildProcess {
  const child = spawn('/bin/sh', ['-c', 'read -r _; kill -INT "$1"', 'lifeline', String(pid)], {
    cwd: '/',
    env: SERVER_ENV,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    ...home.runAs,
  });
  // Without a shell the next start finds and ends the server by its pid file.
  child.on('error', () => {});
  child.stdin?.on('error', () => {});
  child.unref();
  return child;
}

async function stopServer(
  child: ChildProcess,
  ended: () => boolean,
  lifeline: ChildProcess | undefined,
): Promise<void> {
  const { pid } = child;
  if (pid === undefined || ended()) return;
  const gone = async () => ended() || !(await isAlive(pid));
  signal(pid, 'SIGINT');
  if (!(await eventually(gone, FAST_SHUTDOWN_TIMEOUT_MS))) {
    signal(pid, 'SIGQUIT');
    await eventually(gone, IMMEDIATE_SHUTDOWN_TIMEOUT_MS);
  }
  lifeline?.kill('SIGKILL');
}
