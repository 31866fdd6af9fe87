/**
 * HTTP ingestion, one process: batches of sound events through real HTTP onto the real embedded log (fsync before each
 * answer). Client and server share the process, so that one core's time is all there is; the client sends bodies made
 * beforehand. Prints one line of JSON.
 *
 * node bench/ingest.bench.ts [--seconds 10] [--batch 500] [--connections 8] [--users 20000] [--sensitive 0.1]
 *   [--url http://localhost:3000 --key <write key>]: a server that runs already
 */
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { KEY_ACME, startIngest } from '../apps/web/server/testing/ingestHarness.ts';

interface Load {
  readonly url: string;
  readonly key: string;
  readonly seconds: number;
  readonly batch: number;
  readonly connections: number;
  readonly users: number;
  readonly sensitive: number;
}

const ACTIONS = ['view', 'view', 'view', 'cart', 'purchase', 'login'] as const;

/** The n-th body: all ids differ, people repeat. */
function makeBody(load: Load, n: number): Buffer {
  const nowMs = Date.now();
  const events = Array.from({ length: load.batch }, (_, i) => {
    const person = (n * load.batch + i * 7919) % load.users;
    const isSensitive = (i % 100) / 100 < load.sensitive;
    return {
      id: randomUUID(),
      user_id: `user-${person}`,
      action: ACTIONS[i % ACTIONS.length],
      timestamp: new Date(nowMs - i).toISOString(),
      location: `${(40 + (person % 10)).toFixed(4)},${(-70 + (person % 100)).toFixed(4)}`,
      metadata: {
        amount: ((i * 37) % 20_000) / 100,
        currency: 'EUR',
        item_id: `sku-${i % 500}`,
        platform: ['web', 'ios', 'android'][i % 3],
        campaign: 'autumn',
        ...(isSensitive && { email: `user-${person}@example.test`, payment_hash: `tok_${person}` }),
      },
    };
  });
  return Buffer.from(JSON.stringify(events));
}

/** Sends bodies over keep-alive connections until the time is up; runs in a thread of its own. */
async function sendLoad(
  load: Load,
): Promise<{ accepted: number; latenciesMs: number[]; seconds: number; bodyBytes: number }> {
  const bodies = Array.from({ length: 40 }, (_, n) => makeBody(load, n));
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections });
  const latenciesMs: number[] = [];
  let accepted = 0;
  let sent = 0;
  const post = (body: Buffer) =>
    new Promise<void>((resolve, reject) => {
      const startMs = performance.now();
      const headers = {
        authorization: `Bearer ${load.key}`,
        'content-type': 'application/json',
        'content-length': body.length,
      };
      const req = request(`${load.url}/v1/events`, { method: 'POST', agent, headers }, (res) => {
        res.resume();
        res.once('end', () => {
          if (res.statusCode !== 202) return reject(new Error(`HTTP ${res.statusCode}`));
          latenciesMs.push(performance.now() - startMs);
          accepted += load.batch;
          resolve();
        });
      });
      req.once('error', reject);
      req.end(body);
    });
  const startMs = performance.now();
  const untilMs = startMs + load.seconds * 1_000;
  const connection = async () => {
    while (performance.now() < untilMs) await post(bodies[sent++ % bodies.length] ?? Buffer.alloc(0));
  };
  await Promise.all(Array.from({ length: load.connections }, connection));
  agent.destroy();
  return { accepted, latenciesMs, seconds: (performance.now() - startMs) / 1_000, bodyBytes: bodies[0]?.length ?? 0 };
}

function quantile(sorted: readonly number[], q: number): number {
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0) * 10) / 10;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '10' },
      batch: { type: 'string', default: '500' },
      connections: { type: 'string', default: '8' },
      users: { type: 'string', default: '20000' },
      sensitive: { type: 'string', default: '0.1' },
      url: { type: 'string' },
      key: { type: 'string', default: KEY_ACME },
    },
  });
  await using harness = values.url === undefined ? await startIngest({ ratePerSecond: 1e9, rateBurst: 1e9 }) : null;
  const load: Load = {
    url: harness?.url ?? values.url ?? '',
    key: values.key,
    seconds: Number(values.seconds),
    batch: Number(values.batch),
    connections: Number(values.connections),
    users: Number(values.users),
    sensitive: Number(values.sensitive),
  };
  const worker = new Worker(new URL(import.meta.url), { workerData: load });
  const before = process.threadCpuUsage();
  const result = await new Promise<Awaited<ReturnType<typeof sendLoad>>>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  const cpu = process.threadCpuUsage(before);
  const serverCpuSeconds = (cpu.user + cpu.system) / 1e6;
  const sorted = result.latenciesMs.sort((a, b) => a - b);
  console.log(
    JSON.stringify({
      bench: 'ingest',
      batch: load.batch,
      connections: load.connections,
      bytesPerEvent: Math.round(result.bodyBytes / load.batch),
      accepted: result.accepted,
      eventsPerSecond: Math.round(result.accepted / result.seconds),
      ...(harness !== null && {
        serverCpuSeconds: Math.round(serverCpuSeconds * 100) / 100,
        eventsPerServerCpuSecond: Math.round(result.accepted / serverCpuSeconds),
      }),
      requestMs: { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), p99: quantile(sorted, 0.99) },
    }),
  );
}

if (isMainThread) await main();
else parentPort?.postMessage(await sendLoad(workerData as Load));
