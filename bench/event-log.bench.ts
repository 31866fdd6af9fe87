/**
 * The embedded event log: durable appends and reads of one partition. Prints one line of JSON.
 * `node bench/event-log.bench.ts [appends]` (default 400 appends of 1,000 records of 300 B).
 */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedEventLog } from '../packages/adapters/src/event-log/index.ts';

const RECORDS_PER_APPEND = 1_000;
const APPEND_VALUE_BYTES = 284;
const KEY_BYTES = 16;
const READ_VALUE_BYTES = 234;
const READ_RECORDS = 400_000;
const RETENTION_MS = 86_400_000;

const appends = Number(process.argv[2] ?? 400);
const dir = await mkdtemp(join(tmpdir(), 'bench-event-log-'));

function records(count: number, valueBytes: number, partitions: number) {
  return Array.from({ length: count }, (_, i) => ({
    partition: i % partitions,
    key: Buffer.from(`key-${i}`.padEnd(KEY_BYTES)),
    value: Buffer.alloc(valueBytes, i),
  }));
}

function percentile(sorted: readonly number[], share: number): number {
  return Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2));
}

/** The machine's own limit: writing and syncing the same bytes to a plain file. */
function plainFileMs(bytes: number, times: number): number[] {
  const file = openSync(join(dir, 'plain'), 'w');
  const payload = Buffer.alloc(bytes, 1);
  const taken = Array.from({ length: times }, () => {
    const start = performance.now();
    writeSync(file, payload);
    fdatasyncSync(file);
    return performance.now() - start;
  });
  closeSync(file);
  return taken.sort((a, b) => a - b);
}

const log = await openEmbeddedEventLog({ dir: join(dir, 'log') });
try {
  for (const name of ['append', 'single', 'read']) {
    await log.createTopic({ name, partitions: 4, cleanup: 'delete', retentionMs: RETENTION_MS });
  }

  const batch = records(RECORDS_PER_APPEND, APPEND_VALUE_BYTES, 4);
  const appendMs: number[] = [];
  const appendStart = performance.now();
  for (let i = 0; i < appends; i += 1) {
    const start = performance.now();
    await log.append('append', batch);
    appendMs.push(performance.now() - start);
  }
  const appendSeconds = (performance.now() - appendStart) / 1_000;
  appendMs.sort((a, b) => a - b);

  const one = records(1, APPEND_VALUE_BYTES, 1);
  const singles = 5_000;
  const singleStart = performance.now();
  for (let i = 0; i < singles / 500; i += 1) {
    await Promise.all(Array.from({ length: 500 }, () => log.append('single', one)));
  }
  const singleSeconds = (performance.now() - singleStart) / 1_000;

  const readBatch = records(RECORDS_PER_APPEND, READ_VALUE_BYTES, 1);
  for (let i = 0; i < READ_RECORDS / RECORDS_PER_APPEND; i += 1) await log.append('read', readBatch);
  const readRates: number[] = [];
  for (let pass = 0; pass < 5; pass += 1) {
    const start = performance.now();
    let next = 0;
    for (;;) {
      const { count, nextOffset } = await log.fetch('read', 0, next);
      if (count === 0) break;
      next = nextOffset;
    }
    readRates.push(next / ((performance.now() - start) / 1_000));
  }
  readRates.sort((a, b) => a - b);

  const baseline = plainFileMs(RECORDS_PER_APPEND * (APPEND_VALUE_BYTES + KEY_BYTES), appends);
  const result = {
    bench: 'event-log',
    appendOf1000x300B: { p50Ms: percentile(appendMs, 0.5), p99Ms: percentile(appendMs, 0.99) },
    appendRecordsPerSecond: Math.round((appends * RECORDS_PER_APPEND) / appendSeconds),
    singleRecordAppendsPerSecond: Math.round(singles / singleSeconds),
    readRecordsOf250BPerSecond: {
      median: Math.round(percentile(readRates, 0.5)),
      best: Math.round(readRates.at(-1) ?? 0),
    },
    plainFileWriteAndSync: { p50Ms: percentile(baseline, 0.5), p99Ms: percentile(baseline, 0.99) },
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  await log.close();
  await rm(dir, { recursive: true });
}
