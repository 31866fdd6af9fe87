import { setTimeout as sleep } from 'node:timers/promises';
import type { HotStoreUnderTest } from '../../conformance/index.ts';
import { openRedisHotStore, type RedisHotStoreOptions } from '../index.ts';

/** Timers may fire a little early, and the server's clock is read in whole milliseconds. */
const SLACK_MS = 20;

/** Two handles on one store, for the conformance suite. Time passes by itself. */
export async function openUnderTest(options: RedisHotStoreOptions): Promise<HotStoreUnderTest> {
  const store = await openRedisHotStore(options);
  const other = await openRedisHotStore(options);
  return {
    store,
    other,
    nowMs: Date.now,
    async pass(ms) {
      await sleep(ms + SLACK_MS);
    },
    async dispose() {
      await store.close();
      await other.close();
    },
  };
}
