import type { HotChange } from '@ebap/pipeline/ports';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { codeOf } from '../../testing/codeOf.ts';
import { openRedisHotStore, type RedisHotStore } from './index.ts';
import { flushed, flushOf, followValue } from './testing/flushes.ts';
import { type RedisServer, startRedisServer } from './testing/redisServer.ts';

const ANSWER_TIMEOUT_MS = 500;

/** Waits for the condition; the limit only ends what would never come. */
const until = (condition: () => boolean | Promise<boolean>) =>
  vi.waitUntil(condition, { timeout: 30_000, interval: 10 });

async function startServer(...config: readonly string[]): Promise<RedisServer> {
  const server = await startRedisServer({ config });
  onTestFinished(() => server.dispose());
  return server;
}

async function open(server: RedisServer): Promise<RedisHotStore> {
  const address = { mode: 'single', url: server.url } as const;
  const store = await openRedisHotStore({ address, answerTimeoutMs: ANSWER_TIMEOUT_MS });
  onTestFinished(() => store.close());
  return store;
}

async function follow(store: RedisHotStore): Promise<HotChange[]> {
  const seen: HotChange[] = [];
  await store.subscribe('windows/', (change) => seen.push(change));
  return seen;
}

/** Two stores on one server; `seen` is what the second is told. */
async function followed(server: RedisServer) {
  const [writer, reader] = [await open(server), await open(server)];
  return { writer, reader, seen: await follow(reader) };
}

/** The same after the first flush has arrived. */
async function followedOnce(server: RedisServer) {
  const stores = await followed(server);
  await stores.writer.flush(flushOf(1));
  await until(() => stores.seen.length === 1);
  return stores;
}

async function admin<T>(server: RedisServer, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(server.url);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

describe('a Redis that loses what it holds', () => {
  test('after FLUSHALL the next flush finds nothing, and each workspace loses its own fence', async () => {
    const server = await startServer();
    const store = await open(server);
    await store.flush(flushOf(1));
    await store.flush(flushOf(2, 'x', 'globex'));
    expect((await store.flush(flushOf(3))).found).toEqual({ epoch: 1, offset: 2 });
    await admin(server, (redis) => redis.flushall());
    expect(await store.flush(flushOf(4))).toEqual({ status: 'applied', found: null });
    expect((await store.flush(flushOf(5))).found).toEqual({ epoch: 1, offset: 4 });
    expect(await store.flush(flushOf(6, 'x', 'globex'))).toEqual({ status: 'applied', found: null });
    expect((await store.flush(flushOf(7))).found).toEqual({ epoch: 1, offset: 6 });
  });

  test('a flush after FLUSHALL tells subscribers to read all, under a higher sequence', async () => {
    const server = await startServer();
    const { writer, seen } = await followedOnce(server);
    await admin(server, (redis) => redis.flushall());
    await writer.flush(flushOf(2));
    await until(() => seen.some(({ sequence, keys }) => sequence > (seen[0]?.sequence ?? 0) && keys === null));
  });

  test('FLUSHALL alone, without any flush after it, is told', async () => {
    const server = await startServer();
    const { writer, seen } = await followedOnce(server);
    await admin(server, (redis) => redis.flushall());
    await until(() => seen.length === 2);
    expect(seen[1]).toEqual({ topic: 'windows/acme', sequence: 0, keys: null });
    await writer.flush(flushOf(2));
    await until(() => (seen.at(-1)?.sequence ?? 0) > 0);
  });

  test('FLUSHALL in the middle of many flushes loses no gap: writer and reader end up at the same values', async () => {
    const server = await startServer();
    const [writer, reader] = [await open(server), await open(server)];
    const held = new Map<string, string>();
    let gaps = 0;
    await reader.subscribe('windows/', async ({ keys }) => {
      if (keys === null) gaps += 1;
      for (const key of ['{acme}:w', '{globex}:w'])
        for (const [field, value] of await reader.readHash(key)) held.set(key + field, value);
    });
    let found = 0;
    for (let offset = 1; offset <= 300; offset += 1) {
      if (offset % 75 === 0 && offset < 300) await admin(server, (redis) => redis.flushall());
      const result = await writer.flush(flushOf(offset, `${offset}`, offset % 2 === 0 ? 'acme' : 'globex'));
      if (result.found === null) found += 1;
    }
    // One loss for each workspace and FLUSHALL, and the very first flush.
    expect(found).toBe(3 * 2 + 1);
    await until(() => held.get('{acme}:wv') === '300' && held.get('{globex}:wv') === '299');
    expect(gaps).toBeGreaterThan(0);
  });

  test('a restart that loses the newest flushes: the writer finds an older fence, the reader is told', async () => {
    const server = await startServer();
    const { writer, reader, seen } = await followed(server);
    await writer.flush(flushOf(1));
    await admin(server, (redis) => redis.save());
    for (let offset = 2; offset <= 5; offset += 1) await writer.flush(flushOf(offset));
    await until(() => seen.at(-1)?.sequence !== undefined);
    const told = await reader.sequence('windows/acme');
    await until(() => seen.at(-1)?.sequence === told);
    const before = seen.length;
    await server.kill();
    await server.start();
    await until(() => seen.length > before);
    expect(seen.at(-1)?.keys).toBeNull();
    expect(seen.at(-1)?.sequence).toBeLessThan(told);
    const result = await flushed(writer, flushOf(6));
    expect(result).toEqual({ status: 'applied', found: { epoch: 1, offset: 1 } });
    await until(() => (seen.at(-1)?.sequence ?? 0) > told);
  });

  test('a restart without any persistence is found by the writer', async () => {
    const server = await startServer();
    const writer = await open(server);
    await writer.flush(flushOf(1));
    await server.kill();
    expect(await codeOf(writer.flush(flushOf(2)))).toBe('unavailable');
    await server.start();
    expect(await flushed(writer, flushOf(2))).toEqual({ status: 'applied', found: null });
  });

  test('a server that forgot the script is given it again', async () => {
    const server = await startServer();
    const store = await open(server);
    await store.flush(flushOf(1));
    await admin(server, (redis) => redis.script('FLUSH'));
    expect(await store.flush(flushOf(2))).toEqual({ status: 'applied', found: { epoch: 1, offset: 1 } });
  });
});

describe('a Redis that does not answer', () => {
  test('a paused server: calls fail as unavailable, the feed catches up by itself when it goes on', async () => {
    const server = await startServer();
    const { writer, reader, seen } = await followedOnce(server);
    server.pause();
    const failed = await writer.flush(flushOf(2)).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'unavailable', retryable: true });
    expect(await codeOf(reader.readHash('{acme}:w'))).toBe('unavailable');
    expect(writer.status()).toMatchObject({ state: 'down', lastError: expect.any(String) });
    server.resume();
    const result = await flushed(writer, flushOf(3));
    expect(result.status).toBe('applied');
    await until(() => seen.length > 1 && seen.at(-1)?.sequence !== seen[0]?.sequence);
    const newest = await reader.sequence('windows/acme');
    await until(() => seen.at(-1)?.sequence === newest);
    expect(Object.fromEntries(await reader.readHash('{acme}:w'))).toEqual({ v: '3' });
    expect(writer.status().state).toBe('up');
  });

  test('a server that is gone: calls fail at once, subscribing too, and all comes back with it', async () => {
    const server = await startServer();
    const store = await open(server);
    await server.kill();
    expect(await codeOf(store.flush(flushOf(1)))).toBe('unavailable');
    expect(await codeOf(store.subscribe('windows/', () => undefined))).toBe('unavailable');
    await server.start();
    expect((await flushed(store, flushOf(1))).status).toBe('applied');
    const seen = await follow(store);
    await store.flush(flushOf(2));
    await until(() => seen.length > 0);
    expect(seen[0]?.keys).toEqual(['{acme}:w']);
  });

  test('connections that are cut under flushes lose no bump', async () => {
    const server = await startServer();
    const [writer, reader] = [await open(server), await open(server)];
    const held = await followValue(reader);
    for (let offset = 1; offset <= 60; offset += 1) {
      await flushed(writer, flushOf(offset));
      if (offset % 15 === 0) {
        await admin(server, (redis) => redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub'));
        await admin(server, (redis) => redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'));
      }
    }
    await until(() => held() === '60');
  });

  test('no server at the address is `unavailable`', async () => {
    const server = await startServer();
    await server.kill();
    const opened = openRedisHotStore({ address: { mode: 'single', url: server.url }, answerTimeoutMs: 500 });
    expect(await codeOf(opened)).toBe('unavailable');
  });
});

describe('a Redis that somebody has to look after', () => {
  test('full memory is `unavailable` until somebody mends it, says what to do, and changes nothing', async () => {
    const server = await startServer();
    const store = await open(server);
    await store.flush(flushOf(1));
    await admin(server, (redis) => redis.config('SET', 'maxmemory', '1'));
    const failed = await store.flush(flushOf(2)).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'unavailable', retryable: true });
    expect(String(failed)).toContain('maxmemory');
    expect(await store.readFields(['{acme}:w'], ['v'])).toEqual([['1']]);
    await admin(server, (redis) => redis.config('SET', 'maxmemory', '0'));
    expect(await store.flush(flushOf(2))).toEqual({ status: 'applied', found: { epoch: 1, offset: 1 } });
  });

  test('an eviction policy is refused at start', async () => {
    const server = await startServer('maxmemory-policy volatile-lru');
    const failed = await open(server).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'configuration' });
    expect(String(failed)).toContain('noeviction');
  });

  test('a replica is `unavailable`: the master is to be found', async () => {
    const server = await startServer();
    const store = await open(server);
    await store.flush(flushOf(1));
    await admin(server, (redis) => redis.replicaof('127.0.0.1', '1'));
    expect(await codeOf(store.flush(flushOf(2)))).toBe('unavailable');
    await admin(server, (redis) => redis.replicaof('NO', 'ONE'));
    expect((await flushed(store, flushOf(2))).found).toEqual({ epoch: 1, offset: 1 });
  });

  test('a value of another kind under one of our keys is `corrupt_data`', async () => {
    const server = await startServer();
    const store = await open(server);
    await admin(server, (redis) => redis.set('{acme}:w', 'text'));
    expect(await codeOf(store.flush(flushOf(1)))).toBe('corrupt_data');
    expect(await codeOf(store.readHash('{acme}:w'))).toBe('corrupt_data');
  });
});
