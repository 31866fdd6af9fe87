import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestCluster, type TestCluster } from '../../postgres/testing/testCluster.ts';
import { historyOf, streaming, until } from '../conformance.ts';
import { fixture } from './testing/fixture.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.stop());

test('reference tables share one partition, keyed by table and primary key', async () => {
  const made = await fixture(cluster, 1);
  const stream = made.open({ tables: ['regions', 'rates', 'rules', 'action_mappings', 'workspaces'] });
  await made.sql(`INSERT INTO workspaces (id, name, currency, zone) VALUES ('demo', 'Demo', 'EUR', 'UTC')`);
  await made.sql(`INSERT INTO rates VALUES ('USD', 1767225600000, 0.9123456789)`);
  await stream.start();
  await streaming(stream);
  await made.sql(`INSERT INTO regions VALUES ('eu-central-1', 'Frankfurt', 50.11, 8.68, 1e3)`);
  await made.sql(`INSERT INTO action_mappings VALUES ('demo', 'Order Completed', 'purchase')`);
  await made.sql(`INSERT INTO rules (id, workspace_id, name, definition, enabled)
    VALUES ('6f9619ff-8b86-4d01-b42d-00cf4fc964ff', 'demo', 'spike', '{"above": 1}', false)`);
  await made.sql(`UPDATE rates SET rate = 1 WHERE currency = 'USD'`);
  await made.sql('DELETE FROM action_mappings');
  await until(async () => (await made.read()).length === 8, 'all changes');
  const records = await made.read();
  expect(records.map(({ key, value }) => [key, value?.op ?? null, value?.source.table])).toEqual([
    ['rates:USD:1767225600000', 'r', 'rates'],
    ['workspaces:demo', 'r', 'workspaces'],
    ['regions:eu-central-1', 'c', 'regions'],
    ['action_mappings:demo:Order Completed', 'c', 'action_mappings'],
    ['rules:6f9619ff-8b86-4d01-b42d-00cf4fc964ff', 'c', 'rules'],
    ['rates:USD:1767225600000', 'u', 'rates'],
    ['action_mappings:demo:Order Completed', 'd', 'action_mappings'],
    ['action_mappings:demo:Order Completed', null, undefined],
  ]);
  expect(records[2]?.value?.after).toEqual({
    ...{ code: 'eu-central-1', name: 'Frankfurt', lat: 50.11, lng: 8.68, capacity: 1_000 },
  });
  expect(records[4]?.value?.after).toMatchObject({ definition: '{"above": 1}', enabled: false, version: 1 });
  expect(records[5]?.value).toMatchObject({
    before: { currency: 'USD', valid_from: 1_767_225_600_000, rate: '0.9123456789' },
    after: { currency: 'USD', valid_from: 1_767_225_600_000, rate: '1.0000000000' },
  });
  await stream.stop();
  await made.dispose();
});

test('under load every change is on the topic once, each person’s in the order of their commits', async () => {
  const made = await fixture(cluster);
  const stream = made.open();
  await made.sql(`INSERT INTO workspaces (id, name, currency, zone) VALUES ('demo', 'Demo', 'EUR', 'UTC')`);
  await stream.start();
  await streaming(stream);
  const writers = [0, 1].map(async (writer) => {
    const client = new pg.Client({ connectionString: made.url });
    await client.connect();
    for (let i = 0; i < 1_000; i++)
      await client.query(
        `INSERT INTO users (workspace_id, user_id, country) VALUES ('demo', $1, $2)
         ON CONFLICT (workspace_id, user_id) DO UPDATE SET country = excluded.country`,
        [`w${writer}-${i % 10}`, String(Math.floor(i / 10))],
      );
    await client.end();
  });
  await Promise.all(writers);
  await until(async () => (await made.read()).length >= 2_000, 'all changes');
  const records = await made.read();
  expect(records).toHaveLength(2_000);
  const versions = Array.from({ length: 100 }, (_, n) => (n === 0 ? 'c 0' : `u ${n}`));
  for (const writer of [0, 1])
    for (let person = 0; person < 10; person++)
      expect(historyOf(records, `demo:w${writer}-${person}`, 'country')).toEqual(versions);
  await stream.stop();
  await made.dispose();
});
