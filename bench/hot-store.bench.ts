/**
 * The hot store's answer times, embedded and (with `--redis <url>`) Redis side by side: reading the same fields of 20
 * hashes, a flush of 500 fields, and from a flush to the subscriber's callback; the shortest round trip beside. Prints one
 * line of JSON, times in ms.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openEmbeddedHotStore, openRedisHotStore } from '@ebap/adapters/hot-store';
import type { HotFlush, HotStore } from '@ebap/pipeline/ports';

const { values } = parseArgs({
  options: { redis: { type: 'string' }, calls: { type: 'string', default: '2000' } },
});
const CALLS = Number(values.calls);
const WARM_UP_CALLS = 200;
const KEYS = 20;
const FIELDS_PER_KEY = 25;
const READ_FIELDS = 10;
const KEPT_MS = 3_600_000;
/** About what a window's cell takes. */
const VALUE = '12345,678,90,1234567,89,12,3456'.padEnd(96, '0');

const keys = Array.from({ length: KEYS }, (_, i) => `{bench}:w1:1m:${i}`);
const fields = Array.from({ length: FIELDS_PER_KEY }, (_, i) => `region-${i}|web`);

function flushOf(offset: number): HotFlush {
  const expiresAtMs = Date.now() + KEPT_MS;
  return {
    fence: { scope: `bench/${process.pid}`, epoch: 1, offset },
    writes: keys.flatMap((key) => fields.map((field) => ({ key, field, value: VALUE, expiresAtMs }))),
    changes: [{ topic: 'bench/hot-store', keys }],
  };
}

async function times(call: (i: number) => Promise<unknown>): Promise<{ p50: number; p99: number; perSecond: number }> {
  for (let i = 0; i < WARM_UP_CALLS; i += 1) await call(i);
  const taken: number[] = [];
  const startedAt = performance.now();
  for (let i = 0; i < CALLS; i += 1) {
    const before = performance.now();
    await call(WARM_UP_CALLS + i);
    taken.push(performance.now() - before);
  }
  const perSecond = Math.round((CALLS * 1_000) / (performance.now() - startedAt));
  taken.sort((a, b) => a - b);
  const percentile = (share: number) => Number((taken[Math.floor(taken.length * share)] ?? 0).toFixed(3));
  return { p50: percentile(0.5), p99: percentile(0.99), perSecond };
}

async function measure(store: HotStore, other: HotStore) {
  let offset = 0;
  const flush500Fields = await times(() => store.flush(flushOf(++offset)));
  const read20Hashes = await times(() => other.readFields(keys, fields.slice(0, READ_FIELDS)));
  const readOneHash = await times((i) => other.readHash(keys[i % KEYS] ?? ''));
  let heard: (() => void) | null = null;
  const subscription = await other.subscribe('bench/', () => heard?.());
  const flushToSubscriber = await times(async () => {
    const told = new Promise<void>((resolve) => {
      heard = resolve;
    });
    await Promise.all([store.flush(flushOf(++offset)), told]);
  });
  await subscription.close();
  return { flush500Fields, read20Hashes, readOneHash, flushToSubscriber };
}

async function measureRedis(url: string) {
  const open = () => openRedisHotStore({ address: { mode: 'single', url } });
  const [store, other] = [await open(), await open()];
  try {
    const roundTrip = await times(() => store.readFields(['{bench}:none'], ['f']));
    return { roundTrip, ...(await measure(store, other)) };
  } finally {
    await store.close();
    await other.close();
  }
}

async function measureEmbedded() {
  const dir = await mkdtemp(join(tmpdir(), 'bench-hot-store-'));
  const [store, other] = [await openEmbeddedHotStore({ dir }), await openEmbeddedHotStore({ dir })];
  try {
    return await measure(store, other);
  } finally {
    await store.close();
    await other.close();
    await rm(dir, { recursive: true });
  }
}

const embedded = await measureEmbedded();
const redis = values.redis === undefined ? {} : { redis: await measureRedis(values.redis) };
console.log(JSON.stringify({ calls: CALLS, embedded, ...redis }));
