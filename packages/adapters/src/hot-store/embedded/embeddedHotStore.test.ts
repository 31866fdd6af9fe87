import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HotChange, HotStore } from '@ebap/pipeline/ports';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { RING_FLUSHES } from './changeRing.ts';
import { openEmbeddedHotStore } from './index.ts';

/** Only how long a broken feed keeps the test waiting: nothing is measured by it. */
const PATIENCE_MS = 10_000;

describe('the embedded hot store', () => {
  let dir: string;
  let nowMs: number;
  let store: HotStore;

  const open = () => openEmbeddedHotStore({ dir, nowMs: () => nowMs });
  let offset = 0;
  const flush = (target: HotStore, key: string, field: string, expiresAtMs: number, topics: readonly string[] = []) => {
    offset += 1;
    return target.flush({
      fence: { scope: 's', epoch: 1, offset },
      writes: [{ key, field, value: 'v', expiresAtMs }],
      changes: topics.map((topic) => ({ topic, keys: [key] })),
    });
  };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'hot-store-'));
    nowMs = 1_000_000;
    store = await open();
  });
  afterEach(async () => {
    await store.close();
    await rm(dir, { recursive: true });
  });

  test('a hash lives until the latest expiry any of its writes gave it', async () => {
    await flush(store, 'k', 'a', nowMs + 1_000);
    await flush(store, 'k', 'b', nowMs + 500);
    nowMs += 999;
    expect([...(await store.readHash('k')).keys()]).toEqual(['a', 'b']);
    nowMs += 1;
    expect((await store.readHash('k')).size).toBe(0);
  });

  test('a hash written anew after its expiry does not bring the old fields back', async () => {
    await flush(store, 'k', 'old', nowMs + 10);
    nowMs += 10;
    await flush(store, 'k', 'new', nowMs + 10);
    expect([...(await store.readHash('k')).keys()]).toEqual(['new']);
  });

  test('sweeping thousands of hashes keeps the living', async () => {
    for (let i = 0; i < 5; i += 1) {
      offset += 1;
      const writes = Array.from({ length: 1_000 }, (_, n) => ({
        key: `k${i}:${n}`,
        field: 'f',
        value: 'v',
        expiresAtMs: nowMs + (n % 10 === 0 ? 1_000 : 10),
      }));
      await store.flush({ fence: { scope: 's', epoch: 1, offset }, writes, changes: [] });
    }
    nowMs += 10;
    await store.sweep();
    nowMs -= 10;
    const keys = Array.from({ length: 5_000 }, (_, i) => `k${i % 5}:${Math.floor(i / 5)}`);
    const found = (await store.readFields(keys, ['f'])).filter(([value]) => value !== null);
    expect(found).toHaveLength(500);
  });

  test('values, fence and sequences are there after closing and opening again', async () => {
    await flush(store, 'k', 'a', nowMs + 1_000, ['t']);
    await store.close();
    store = await open();
    expect((await store.readHash('k')).size).toBe(1);
    expect(await store.sequence('t')).toBe(1);
    const found = { epoch: 1, offset };
    expect(await flush(store, 'k', 'a', nowMs + 1_000)).toEqual({ status: 'applied', found });
  });

  test('a subscriber further behind than the ring is told to read everything, of the topics that moved', async () => {
    const other = await open();
    await flush(store, 'k', 'a', nowMs + 1_000, ['t:still']);
    const seen: HotChange[] = [];
    const subscription = await other.subscribe('t:', (change) => seen.push(change));
    // Submitted together they are committed together: the subscriber finds the ring gone round at its next look.
    const flushes = Array.from({ length: RING_FLUSHES + 5 }, () =>
      flush(store, 'k', 'a', nowMs + 1_000, ['t:busy', 'x']),
    );
    await Promise.all(flushes);
    await vi.waitUntil(() => seen.length > 0, { timeout: PATIENCE_MS });
    await flush(store, 'k', 'a', nowMs + 1_000, ['t:end']);
    await vi.waitUntil(() => seen.at(-1)?.topic === 't:end', { timeout: PATIENCE_MS });
    expect(seen).toEqual([
      { topic: 't:busy', sequence: RING_FLUSHES + 5, keys: null },
      { topic: 't:end', sequence: 1, keys: ['k'] },
    ]);
    await subscription.close();
    await other.close();
  });

  test('a subscriber that throws does not keep the others from learning', async () => {
    const thrown: unknown[] = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    onTestFinished(() => {
      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
    });
    process.on('uncaughtException', (error) => thrown.push(error));
    const seen: HotChange[] = [];
    await store.subscribe('t', () => {
      throw new Error('subscriber at fault');
    });
    await store.subscribe('t', (change) => seen.push(change));
    await flush(store, 'k', 'a', nowMs + 1_000, ['t']);
    await vi.waitUntil(() => seen.length > 0 && thrown.length > 0, { timeout: PATIENCE_MS });
    expect(seen).toHaveLength(1);
    expect(thrown).toEqual([new Error('subscriber at fault')]);
  });

  test.each([
    ['an empty key', { key: '', field: 'f' }],
    ['a key too long for the store', { key: 'k'.repeat(2_000), field: 'f' }],
  ])('%s is `bad_request`', async (_, place) => {
    const write = { ...place, value: 'v', expiresAtMs: nowMs + 1 };
    const attempt = store.flush({ fence: { scope: 's', epoch: 1, offset: 1 }, writes: [write], changes: [] });
    await expect(attempt).rejects.toMatchObject({ code: 'bad_request' });
    expect((await store.readHash(place.key)).size).toBe(0);
  });
});
