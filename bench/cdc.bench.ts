/**
 * Change data capture: the time from a commit in a real embedded PostgreSQL until a reader of the embedded log has the
 * change, first with few commits per second, then with as many as the writers can make. Writers run in a thread of their
 * own. A commit's time is the one that the database wrote into its log (whole milliseconds, before the commit is synced),
 * so that the figures are up to 1 ms too large. Prints one line of JSON.
 *
 * node bench/cdc.bench.ts [--light 1500] [--light-rate 50] [--load 20000] [--writers 4]
 */
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { openPostgresChangeStream } from '@ebap/adapters/change-stream';
import { startEmbeddedPostgres } from '@ebap/adapters/embedded-postgres';
import { openEmbeddedEventLog } from '@ebap/adapters/event-log';
import { migrate } from '@ebap/db';
import { type EventLog, recordAt } from '@ebap/pipeline/ports';
import pg from 'pg';

interface WriteLoad {
  readonly url: string;
  readonly writers: number;
  readonly commits: number;
  /** All writers together; null: as many as they can. */
  readonly commitsPerSecond: number | null;
}

const PARTITIONS = 4;
const TOPIC = 'changes';
const RETENTION_MS = 86_400_000;
const PATIENCE_MS = 120_000;
const WARM_UP_COMMITS = 200;
const UPSERT = `INSERT INTO users (workspace_id, user_id, country) VALUES ('demo', $1, $2)
  ON CONFLICT (workspace_id, user_id) DO UPDATE SET country = excluded.country`;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const wallMs = (): number => performance.timeOrigin + performance.now();

/** Makes the commits, one row each, new people and known ones; returns how long that took, in seconds. */
async function write(load: WriteLoad): Promise<number> {
  const startMs = performance.now();
  let made = 0;
  const writer = async (n: number): Promise<void> => {
    const client = new pg.Client({ connectionString: load.url });
    await client.connect();
    while (made < load.commits) {
      const i = made++;
      if (load.commitsPerSecond !== null)
        await pause(Math.max(0, startMs + (i * 1_000) / load.commitsPerSecond - performance.now()));
      await client.query(UPSERT, [`w${n}-${i % 2_000}`, String(i)]);
    }
    await client.end();
  };
  await Promise.all(Array.from({ length: load.writers }, (_, n) => writer(n)));
  return (performance.now() - startMs) / 1_000;
}

/** The same in a thread of its own. */
function writeAside(load: WriteLoad): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), { workerData: load });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

/** Follows the topic and notes for each change how old its commit is when the reader has it, ms. */
function follow(log: EventLog, signal: AbortSignal): { readonly agesMs: number[]; readonly ended: Promise<unknown> } {
  const agesMs: number[] = [];
  const read = async (partition: number): Promise<void> => {
    for (let next = 0; !signal.aborted; ) {
      const batch = await log.fetch(TOPIC, partition, next, { maxWaitMs: 1_000, signal });
      const readMs = wallMs();
      for (let i = 0; i < batch.count; i++) {
        const { value } = recordAt(batch, i);
        const change = JSON.parse(Buffer.from(value ?? []).toString()) as { source: { ts_ms: number } };
        agesMs.push(readMs - change.source.ts_ms);
      }
      next = batch.nextOffset;
    }
  };
  const ended = Promise.allSettled(Array.from({ length: PARTITIONS }, (_, partition) => read(partition)));
  return { agesMs, ended };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`waited in vain for ${what}`);
    await pause(10);
  }
}

function figures(agesMs: readonly number[], commits: number, seconds: number): Readonly<Record<string, unknown>> {
  const sorted = agesMs.toSorted((a, b) => a - b);
  const at = (q: number): number =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0) * 10) / 10;
  return {
    changes: sorted.length,
    commitsPerSecond: Math.round(commits / seconds),
    commitToTopicMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
  };
}

/** The product's database and log in a folder of their own, and the stream of people between them. */
async function startPlatform(dir: string) {
  // Where the database's unprivileged user can reach it.
  await chmod(dir, 0o755);
  const postgres = await startEmbeddedPostgres({
    dataDir: join(dir, 'postgres'),
    sharedDir: dir,
    password: randomUUID(),
    database: 'ebap',
  });
  const url = postgres.url();
  await migrate(url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`INSERT INTO workspaces (id, name, currency, zone) VALUES ('demo', 'Demo', 'EUR', 'UTC')`);
  await client.end();
  const log = await openEmbeddedEventLog({ dir: join(dir, 'log') });
  await log.createTopic({ name: TOPIC, partitions: PARTITIONS, cleanup: 'compact', retentionMs: RETENTION_MS });
  const names = { topic: TOPIC, slot: 'bench', publication: 'bench' };
  const stream = openPostgresChangeStream({ url, log, partitions: PARTITIONS, tables: ['users'], ...names });
  await stream.start();
  await until(() => stream.status().state === 'streaming', 'the stream');
  return {
    url,
    log,
    async stop() {
      await stream.stop();
      await log.close();
      await postgres.stop();
    },
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      light: { type: 'string', default: '1500' },
      'light-rate': { type: 'string', default: '50' },
      load: { type: 'string', default: '20000' },
      writers: { type: 'string', default: '4' },
    },
  });
  const writers = Number(values.writers);
  const dir = await mkdtemp(join(tmpdir(), 'ebap-cdc-bench-'));
  const platform = await startPlatform(dir);
  const reading = new AbortController();
  try {
    const { agesMs, ended } = follow(platform.log, reading.signal);
    const phase = async (load: Omit<WriteLoad, 'url'>): Promise<Readonly<Record<string, unknown>>> => {
      agesMs.length = 0;
      const seconds = await writeAside({ ...load, url: platform.url });
      await until(() => agesMs.length >= load.commits, 'all changes');
      return figures(agesMs, load.commits, seconds);
    };
    await phase({ writers: 1, commits: WARM_UP_COMMITS, commitsPerSecond: null });
    const calm = { writers: 1, commits: Number(values.light), commitsPerSecond: Number(values['light-rate']) };
    const light = await phase(calm);
    const load = await phase({ writers, commits: Number(values.load), commitsPerSecond: null });
    reading.abort();
    await ended;
    console.log(JSON.stringify({ bench: 'cdc', partitions: PARTITIONS, writers, light, load }));
  } finally {
    reading.abort();
    await platform.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

if (isMainThread) await main();
else parentPort?.postMessage(await write(workerData as WriteLoad));
