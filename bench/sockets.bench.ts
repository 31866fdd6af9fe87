/**
 * Many browsers on one web process: each socket follows the topics of the Live page while the hot store changes four
 * times a second. Latency = flush into the hot store → message in the client. Clients run in a thread of their own.
 * Prints one line of JSON.
 *
 * node bench/sockets.bench.ts [--sockets 2000] [--seconds 15] [--topics 5]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { DeltaMessage, LiveTopic } from '@ebap/pipeline/contracts';
import { ADMIN, feedEvent, startLive } from '../apps/web/server/testing/liveHarness.ts';
import { io, type Socket } from '../apps/web/server/testing/socketClient.ts';

interface Load {
  readonly url: string;
  readonly sockets: number;
  readonly topics: number;
}

const series = (
  measure: 'event_rate' | 'sales_rate' | 'active_users',
  by: 'action' | 'platform' | null,
): LiveTopic => ({
  kind: 'series',
  query: { measure, filter: {}, by, grain: '1m', range: { trailingMs: 3_600_000 } },
});
const TOPICS: readonly LiveTopic[] = [
  { kind: 'now', filter: {} },
  series('event_rate', 'action'),
  { kind: 'feed', filter: {} },
  series('sales_rate', null),
  series('active_users', 'platform'),
  { kind: 'regions' },
];

const CONNECTS_AT_ONCE = 50;

/** When the state that a message shows was flushed; null where it does not say. */
function flushedAtMs({ payload }: DeltaMessage): number | null {
  switch (payload.kind) {
    case 'series':
      return payload.asOfMs;
    case 'now':
      return payload.now.asOfMs;
    case 'feed':
      return payload.feed.events[0]?.timeMs ?? null;
    default:
      return null;
  }
}

async function connectAll(load: Load, onDelta: (message: DeltaMessage) => void): Promise<Socket[]> {
  const sockets: Socket[] = [];
  const headers = { origin: load.url, cookie: `ebap-session=${ADMIN}; ebap-workspace=meridian` };
  const connectOne = async (): Promise<void> => {
    const socket = io(load.url, { path: '/ws', transports: ['websocket'], forceNew: true, extraHeaders: headers });
    sockets.push(socket);
    socket.on('delta', onDelta);
    await new Promise((resolve) => socket.once('connect', () => resolve(null)));
    for (let i = 0; i < load.topics; i++)
      await socket.emitWithAck('subscribe', { v: 1, id: `s${i}`, topic: TOPICS[i % TOPICS.length] });
  };
  for (let from = 0; from < load.sockets; from += CONNECTS_AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(CONNECTS_AT_ONCE, load.sockets - from) }, connectOne));
  return sockets;
}

async function runClients(load: Load): Promise<void> {
  let isMeasuring = false;
  let messages = 0;
  const latenciesMs: number[] = [];
  const onDelta = (message: DeltaMessage): void => {
    if (!isMeasuring) return;
    messages++;
    const atMs = flushedAtMs(message);
    if (atMs !== null) latenciesMs.push(Date.now() - atMs);
  };
  const sockets = await connectAll(load, onDelta);
  parentPort?.postMessage({ kind: 'connected' });
  parentPort?.on('message', (command: string) => {
    isMeasuring = command === 'measure';
    if (command !== 'stop') return;
    latenciesMs.sort((a, b) => a - b);
    const at = (q: number) => latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * q))] ?? null;
    parentPort?.postMessage({ kind: 'done', messages, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) });
    for (const socket of sockets) socket.disconnect();
    parentPort?.close();
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      sockets: { type: 'string', default: '2000' },
      seconds: { type: 'string', default: '15' },
      topics: { type: 'string', default: '5' },
    },
  });
  await using live = await startLive();
  const load: Load = { url: live.url, sockets: Number(values.sockets), topics: Number(values.topics) };
  let isStopped = false;
  const writing = (async () => {
    for (let n = 1; !isStopped; n++) {
      const nowMs = Date.now();
      const cut = Math.floor(nowMs / 250);
      const events = Array.from({ length: 8 }, (_, i) =>
        feedEvent({ offset: n * 8 + i, timeMs: nowMs, appendMs: nowMs }),
      );
      await live.write.feed('meridian', { cut, partition: 0, appendMs: nowMs, arrived: 500, events });
      for (const member of ['*', 'platform=web', 'platform=ios'])
        await live.write.cell('meridian', '1m', Math.floor(nowMs / 60_000) * 60_000, member, {
          view: n,
          sales: n,
          activeUsers: n,
        });
      await live.write.progress('meridian', nowMs);
      await sleep(250);
    }
  })();
  const worker = new Worker(new URL(import.meta.url), { workerData: load });
  const heard = <T>(kind: string) =>
    new Promise<T>((resolve, reject) => {
      worker.once('error', reject);
      worker.on('message', (message: { readonly kind: string } & T) => {
        if (message.kind === kind) resolve(message);
      });
    });
  const connectStartMs = performance.now();
  await heard('connected');
  const connectedMs = Math.round(performance.now() - connectStartMs);
  await sleep(2_000);
  worker.postMessage('measure');
  const before = process.threadCpuUsage();
  await sleep(Number(values.seconds) * 1_000);
  const cpu = process.threadCpuUsage(before);
  const done = heard<{ messages: number; p50: number; p95: number; p99: number; max: number }>('done');
  worker.postMessage('stop');
  const { messages, p50, p95, p99, max } = await done;
  isStopped = true;
  await writing;
  const seconds = Number(values.seconds);
  console.log(
    JSON.stringify({
      bench: 'sockets',
      sockets: load.sockets,
      topicsPerSocket: load.topics,
      rooms: live.gateway.hub.roomCount,
      connectedMs,
      messagesPerSecond: Math.round(messages / seconds),
      latencyMs: { p50, p95, p99, max },
      serverCpu: Math.round(((cpu.user + cpu.system) / 1e6 / seconds) * 100) / 100,
      slowdowns: live.gateway.hub.slowdowns,
      rssMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
    }),
  );
}

if (isMainThread) await main();
else await runClients(workerData as Load);
