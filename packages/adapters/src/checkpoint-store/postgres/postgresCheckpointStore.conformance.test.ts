import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type CuttableProxy, startCuttableProxy } from '../../postgres/testing/cuttableProxy.ts';
import { startTestCluster, type TestCluster } from '../../postgres/testing/testCluster.ts';
import { describeCheckpointStore } from '../conformance.ts';
import { openPostgresCheckpointStore, type PostgresCheckpointStore } from '../index.ts';
import { prepare, taken } from '../testing/commits.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.stop());

describeCheckpointStore('PostgreSQL', async () => {
  const url = await cluster.createDatabase();
  const admin = new pg.Pool({ connectionString: url });
  const opened: PostgresCheckpointStore[] = [];
  const open = (): PostgresCheckpointStore => {
    const store = openPostgresCheckpointStore({ url });
    opened.push(store);
    return store;
  };
  return {
    store: open(),
    open,
    async ageIntent(intentId, byMs) {
      await admin.query(
        `UPDATE checkpoint_intents SET opened_at = opened_at - $2 * interval '1 millisecond' WHERE id = $1`,
        [intentId, byMs],
      );
    },
    async dispose() {
      await Promise.all(opened.map((store) => store.close()));
      await admin.end();
    },
  };
});

describe('when the connection is lost', () => {
  let url: string;
  let admin: pg.Client;
  let proxy: CuttableProxy;
  let store: PostgresCheckpointStore;
  let remote: PostgresCheckpointStore;
  beforeAll(async () => {
    url = await cluster.createDatabase();
    admin = new pg.Client({ connectionString: url });
    await admin.connect();
    proxy = await startCuttableProxy(cluster.port);
    store = openPostgresCheckpointStore({ url });
    remote = openPostgresCheckpointStore({ url: url.replace(`:${cluster.port}/`, `:${proxy.port}/`) });
  });
  afterAll(async () => {
    await remote.close();
    await store.close();
    await proxy.stop();
    await admin.end();
  });

  /** The server processes that wait for a lock, once there are as many. */
  function waitingForALock(count = 1): Promise<readonly number[]> {
    const waiting = async () => {
      const { rows } = await admin.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rows.length === count && rows.map(({ pid }) => pid);
    };
    return vi.waitUntil(waiting, { timeout: 20_000, interval: 5 });
  }

  test.each(['checkpoints', 'checkpoint_intents', 'checkpoint_commits'])(
    'a server process killed while it waits for %s: unavailable, and the rerun commits once',
    async (table) => {
      const lease = await taken(store, `killed-${table}`);
      const commit = await prepare(store, lease, null, { x: 1 }, `killed-${table}/f`);
      await admin.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
      const running = store.commit(commit).then(
        () => 'ok',
        (error: unknown) => error,
      );
      await admin.query(`SELECT pg_terminate_backend(${(await waitingForALock())[0]})`);
      expect(await running).toMatchObject({ code: 'unavailable', retryable: true });
      await admin.query('COMMIT');
      expect(await store.load(lease.task, 0)).toBeNull();
      expect(await store.commit(commit)).toEqual({ status: 'committed' });
      expect(await store.commit(commit)).toEqual({ status: 'committed' });
      expect((await store.load(lease.task, 0))?.frontier).toEqual({ x: 1 });
    },
  );

  test('an answer lost after the server committed: unavailable, and the rerun finds the commit', async () => {
    const lease = await taken(store, 'answer-lost');
    const commit = await prepare(remote, lease, null, { x: 1 }, 'answer-lost/f');
    proxy.cutBefore('COMMIT\0');
    await expect(remote.commit(commit)).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    expect((await store.load('answer-lost', 0))?.frontier).toEqual({ x: 1 });
    expect(await remote.commit(commit)).toEqual({ status: 'committed' });
    const next = await prepare(remote, lease, { x: 1 }, { x: 2 }, 'answer-lost/g');
    expect(await remote.commit(next)).toEqual({ status: 'committed' });
  });

  test('a rerun waits for the try that is still running', async () => {
    const lease = await taken(store, 'still-running');
    const commit = await prepare(remote, lease, null, { x: 1 }, 'still-running/f');
    await admin.query('BEGIN; LOCK TABLE checkpoint_commits IN EXCLUSIVE MODE');
    const first = remote.commit(commit).catch((error: unknown) => error);
    await waitingForALock();
    proxy.cut();
    expect(await first).toMatchObject({ code: 'unavailable', retryable: true });
    let finished = false;
    const rerun = store.commit(commit).finally(() => {
      finished = true;
    });
    await waitingForALock(2);
    expect(finished).toBe(false);
    await admin.query('COMMIT');
    expect(await rerun).toEqual({ status: 'committed' });
    expect((await store.load('still-running', 0))?.frontier).toEqual({ x: 1 });
  });

  test('a server that is down is `unavailable`, and the store works again when it is back', async () => {
    const lease = await taken(store, 'restart');
    const commit = await prepare(store, lease, null, { x: 1 });
    await admin.end();
    await cluster.halt('SIGQUIT');
    await expect(store.commit(commit)).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await cluster.resume();
    admin = new pg.Client({ connectionString: url });
    await admin.connect();
    expect(await store.commit(commit)).toEqual({ status: 'committed' });
    expect((await taken(store, 'restart', lease.owner)).epoch).toBe(2);
  });
});

test('a missing table is a fault of configuration', async () => {
  const url = (await cluster.createDatabase()).replace(/[^/]+$/, 'postgres');
  const store = openPostgresCheckpointStore({ url });
  await expect(store.holders('x')).rejects.toMatchObject({ code: 'configuration', retryable: false });
  await store.close();
});
