import { expect, onTestFinished, test, vi } from 'vitest';
import { openRedisHotStore } from './index.ts';
import { flushed, flushOf, followValue } from './testing/flushes.ts';
import { startSentinel } from './testing/redisSentinel.ts';

/** Waits for the condition; the limit only ends what would never come. */
const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 40_000, interval: 20 });

test.each([
  ['dies', (master: { kill(): Promise<void> }) => master.kill()],
  [
    'stops answering, with its connections open',
    async (master: { pause(): void }) => {
      master.pause();
    },
  ],
])('Sentinel: the master %s, its replica takes over, writers and subscribers follow', async (_, fail) => {
  const setup = await startSentinel();
  onTestFinished(() => setup.dispose());
  const address = { mode: 'sentinel', name: setup.name, sentinels: setup.sentinels } as const;
  const open = async () => {
    const store = await openRedisHotStore({ address, answerTimeoutMs: 1_000 });
    onTestFinished(() => store.close());
    return store;
  };
  const [writer, reader] = [await open(), await open()];
  const held = await followValue(reader);
  await writer.flush(flushOf(1));
  await until(() => held() === '1');
  await fail(setup.master);
  const result = await flushed(writer, flushOf(2));
  // A flush whose answer was lost with the master finds itself.
  if (result.status === 'fenced') expect(result.found).toEqual({ epoch: 1, offset: 2 });
  await until(() => held() === '2');
  expect((await flushed(writer, flushOf(3))).status).toBe('applied');
  await until(() => held() === '3');
});
