import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestCluster, type TestCluster } from '../../postgres/testing/testCluster.ts';
import { describeChangeStream, streaming, until } from '../conformance.ts';
import { fixture } from './testing/fixture.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.stop());

describeChangeStream('PostgreSQL logical replication', () => fixture(cluster));

test('what it delivers is counted, and the envelopes hold nothing but what the port names', async () => {
  const made = await fixture(cluster);
  await made.sql(`INSERT INTO workspaces (id, name, currency, zone) VALUES ('demo', 'Demo', 'EUR', 'UTC')`);
  await made.sql(`INSERT INTO users (workspace_id, user_id) VALUES ('demo', 'ann'), ('demo', 'bob')`);
  const stream = made.open();
  const beforeMs = Date.now();
  await stream.start();
  await streaming(stream);
  const snapshot = await made.read();
  expect(snapshot.map(({ value }) => value?.source.snapshot).sort()).toEqual(['last', 'true']);
  expect(Object.keys(snapshot[0]?.value ?? {})).toEqual(['before', 'after', 'source', 'op', 'ts_ms']);
  expect(Object.keys(snapshot[0]?.value?.source ?? {})).toEqual([
    ...['version', 'connector', 'name', 'ts_ms', 'snapshot', 'db', 'schema', 'table', 'txId', 'lsn'],
  ]);
  expect(stream.status().delivered).toEqual({ r: 2, c: 0, u: 0, d: 0 });
  await made.sql(`INSERT INTO users (workspace_id, user_id) VALUES ('demo', 'eve')`);
  await made.sql(`UPDATE users SET country = 'FR' WHERE user_id = 'eve'`);
  await made.sql(`DELETE FROM users WHERE user_id = 'eve'`);
  await until(() => stream.status().delivered.d === 1, 'the status to count the delete');
  expect(stream.status().delivered).toEqual({ r: 2, c: 1, u: 1, d: 1 });
  expect(stream.status().lastCommitMs).toBeGreaterThanOrEqual(beforeMs - 1_000);
  await stream.stop();
  await made.dispose();
});
