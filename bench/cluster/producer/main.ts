/**
 * The producer's process: appends pre-encoded events to `ebap.events.raw` by the project's own event log. Standard
 * output takes a JSON line now and then (`produced` so far), and the report as the last one.
 *
 * node bench/cluster/producer/main.ts --brokers 127.0.0.1:9092 --schema-id 1 --events 3000000 [--rate 50000]
 *   [--seconds 300] [--users 50000] [--seed 1] [--batch 5000] [--in-flight 2] [--workspace meridian] [--compression zstd]
 */
import { parseArgs } from 'node:util';
import { type KafkaEventLogOptions, openKafkaEventLog } from '@ebap/adapters/event-log';
import { AppError } from '@ebap/pipeline/errors';
import { buildEventPool } from './eventPool.ts';
import { produce } from './produceRun.ts';

const TELL_EVERY_MS = 200;
const COMPRESSIONS = ['none', 'gzip', 'zstd', 'lz4'] as const;

const { values } = parseArgs({
  options: {
    brokers: { type: 'string', default: '127.0.0.1:9092' },
    'schema-id': { type: 'string', default: '1' },
    events: { type: 'string', default: '1000000' },
    rate: { type: 'string' },
    seconds: { type: 'string' },
    users: { type: 'string', default: '50000' },
    seed: { type: 'string', default: '1' },
    batch: { type: 'string', default: '5000' },
    'in-flight': { type: 'string', default: '2' },
    workspace: { type: 'string', default: 'meridian' },
    compression: { type: 'string', default: 'zstd' },
  },
});

function compressionOf(text: string): NonNullable<KafkaEventLogOptions['compression']> {
  const found = COMPRESSIONS.find((name) => name === text);
  if (found === undefined) throw new AppError('configuration', `--compression is one of ${COMPRESSIONS.join(', ')}.`);
  return found;
}

const stop = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
const log = await openKafkaEventLog({
  brokers: values.brokers.split(','),
  clientId: 'bench-producer',
  compression: compressionOf(values.compression),
});
const pool = await buildEventPool(
  {
    workspace: values.workspace,
    users: Number(values.users),
    seed: Number(values.seed),
    batchRecords: Number(values.batch),
    schemaId: Number(values['schema-id']),
  },
  Date.now(),
);
console.log(JSON.stringify({ produced: 0 }));
if (values.seconds !== undefined) setTimeout(() => stop.abort(), Number(values.seconds) * 1_000).unref();
let toldMs = performance.now();
const before = process.cpuUsage();
const report = await produce(
  log,
  pool,
  {
    ratePerSecond: values.rate === undefined ? null : Number(values.rate),
    events: Number(values.events),
    inFlight: Number(values['in-flight']),
  },
  stop.signal,
  (produced) => {
    if (performance.now() - toldMs < TELL_EVERY_MS) return;
    toldMs = performance.now();
    console.log(JSON.stringify({ produced }));
  },
);
const { user, system } = process.cpuUsage(before);
await log.close();
const cpuSeconds = (user + system) / 1e6;
console.log(JSON.stringify({ ...report, cpuSeconds, perCpuSecond: Math.round(report.produced / cpuSeconds) }));
