import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { codeOf } from '../../testing/codeOf.ts';
import { describeHotStore } from '../conformance/index.ts';
import { openRedisHotStore } from './index.ts';
import { flushed, flushOf, followValue } from './testing/flushes.ts';
import { startRedisCluster, type TestRedisCluster } from './testing/redisCluster.ts';
import { openUnderTest } from './testing/underTest.ts';

let cluster: TestRedisCluster;
beforeAll(async () => {
  cluster = await startRedisCluster();
});
afterAll(() => cluster?.dispose());

describeHotStore('Redis Cluster', () => openUnderTest({ address: { mode: 'cluster', nodes: cluster.nodes } }));

const WORKSPACES = ['acme', 'globex', 'initech', 'umbrella', 'meridian', 'hooli', 'stark', 'wayne'];

describe('a Redis Cluster that is not reached as one', () => {
  test('an unknown user is `configuration`', async () => {
    const address = { mode: 'cluster', nodes: cluster.nodes } as const;
    expect(await codeOf(openRedisHotStore({ address, username: 'nobody', password: 'x' }))).toBe('configuration');
  });

  test('one address instead of a list of nodes is `configuration`, once a key of another node is asked for', async () => {
    const url = `redis://127.0.0.1:${cluster.nodes[0]?.port}`;
    const store = await openRedisHotStore({ address: { mode: 'single', url } });
    onTestFinished(() => store.close());
    const codes = await Promise.all(WORKSPACES.map((workspace) => codeOf(store.readHash(`{${workspace}}:w`))));
    expect(codes).toContain('configuration');
  });
});

describe('a Redis Cluster that loses a node', () => {
  test('its replica takes over, values and bumps of all workspaces go on', async () => {
    const own = await startRedisCluster({ hasReplica: true });
    onTestFinished(() => own.dispose());
    const address = { mode: 'cluster', nodes: own.nodes } as const;
    const store = await openRedisHotStore({ address, answerTimeoutMs: 1_000 });
    onTestFinished(() => store.close());
    const reader = await openRedisHotStore({ address, answerTimeoutMs: 1_000 });
    onTestFinished(() => reader.close());
    const held = new Map<string, () => string | null>();
    for (const workspace of WORKSPACES) held.set(workspace, await followValue(reader, workspace));
    let offset = 0;
    for (const workspace of WORKSPACES) await flushed(store, flushOf(++offset, `${offset}`, workspace));
    await own.masters[0]?.kill();
    const last = new Map<string, string>();
    for (let round = 0; round < 3; round += 1)
      for (const workspace of WORKSPACES) {
        const { status } = await flushed(store, flushOf(++offset, `${offset}`, workspace));
        expect(['applied', 'fenced']).toContain(status);
        last.set(workspace, `${offset}`);
      }
    await vi.waitUntil(() => WORKSPACES.every((workspace) => held.get(workspace)?.() === last.get(workspace)), {
      timeout: 30_000,
      interval: 20,
    });
  });
});
