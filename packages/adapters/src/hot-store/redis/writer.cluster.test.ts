import { randomUUID } from 'node:crypto';
import type { HotWrite } from '@ebap/pipeline/ports';
import { HotWriter } from '@ebap/pipeline/runtime';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../clock/index.ts';
import { openRedisHotStore } from './index.ts';
import { startRedisServer } from './testing/redisServer.ts';

const WORKSPACES = 5;
const { signal } = new AbortController();

async function made() {
  const server = await startRedisServer();
  onTestFinished(() => server.dispose());
  const store = await openRedisHotStore({ address: { mode: 'single', url: server.url }, answerTimeoutMs: 1_000 });
  onTestFinished(() => store.close());
  const admin = new Redis(server.url);
  onTestFinished(() => admin.disconnect());
  const run = randomUUID();
  const keyOf = (workspace: number) => `{${run}-${workspace}}:w`;
  const heldBy = async (workspace: number) => (await store.readFields([keyOf(workspace)], ['v']))[0]?.[0];
  const writerOf = (epoch: number) => {
    const writer = new HotWriter(store, systemClock, 'rollup/0', epoch);
    const put = (workspace: number, value: string) => {
      const write: HotWrite = { key: keyOf(workspace), field: 'v', value, expiresAtMs: Date.now() + 600_000 };
      return writer.write([write], `windows/${run}-${workspace}`, signal);
    };
    const putAll = async (value: string) => {
      const answers = [];
      for (let workspace = 0; workspace < WORKSPACES; workspace += 1) answers.push(await put(workspace, value));
      return answers;
    };
    return { put, putAll };
  };
  return { admin, heldBy, writerOf };
}

const ALL_OK = Array.from({ length: WORKSPACES }, () => 'ok');

test('a writer that goes round its workspaces finds nothing lost as long as nothing is', async () => {
  const { writerOf, heldBy } = await made();
  const { putAll } = writerOf(1);
  for (let round = 0; round < 5; round += 1) expect(await putAll(`${round}`)).toEqual(ALL_OK);
  expect(await heldBy(WORKSPACES - 1)).toBe('4');
});

test('after a loss each workspace is found lost once, and writing all again settles it', async () => {
  const { admin, writerOf } = await made();
  const { put, putAll } = writerOf(1);
  await putAll('before');
  await admin.flushall();
  expect(await put(0, 'after')).toBe('lost');
  expect(await putAll('again')).toEqual(['ok', ...ALL_OK.slice(1).map(() => 'lost')]);
  expect(await putAll('settled')).toEqual(ALL_OK);
});

test('a successor takes over without a loss, and its predecessor loses its lease at the next workspace they share', async () => {
  const { writerOf, heldBy } = await made();
  const [first, second] = [writerOf(1), writerOf(2)];
  await first.putAll('first');
  expect(await second.putAll('second')).toEqual(ALL_OK);
  await expect(first.put(3, 'stale')).rejects.toMatchObject({ code: 'lease_lost' });
  expect(await heldBy(3)).toBe('second');
});
