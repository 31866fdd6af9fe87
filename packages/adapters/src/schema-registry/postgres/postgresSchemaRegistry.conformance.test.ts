import { RAW_EVENT_SCHEMA } from '@ebap/pipeline/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestCluster, type TestCluster } from '../../postgres/testing/testCluster.ts';
import { describeSchemaRegistry } from '../conformance.ts';
import { describeEvolution } from '../evolutionConformance.ts';
import { openPostgresSchemaRegistry, type PostgresSchemaRegistry } from '../index.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.stop());

describeSchemaRegistry('PostgreSQL', async () => {
  const url = await cluster.createDatabase();
  const opened: PostgresSchemaRegistry[] = [];
  const open = (): PostgresSchemaRegistry => {
    const registry = openPostgresSchemaRegistry({ url });
    opened.push(registry);
    return registry;
  };
  return {
    registry: open(),
    open,
    async dispose() {
      await Promise.all(opened.map((registry) => registry.close()));
    },
  };
});

const evolving: PostgresSchemaRegistry[] = [];
afterAll(() => Promise.all(evolving.map((registry) => registry.close())));
describeEvolution('PostgreSQL', async () => {
  const registry = openPostgresSchemaRegistry({ url: await cluster.createDatabase() });
  evolving.push(registry);
  return registry;
});

test('what is cached is answered while the database is down, the rest is `unavailable`', async () => {
  const registry = openPostgresSchemaRegistry({ url: await cluster.createDatabase() });
  const schema = JSON.stringify(RAW_EVENT_SCHEMA);
  const registered = await registry.register('events-value', schema);
  await registry.byId(registered.id);
  await cluster.halt('SIGQUIT');
  expect(await registry.byId(registered.id)).toEqual(registered);
  expect(await registry.register('events-value', schema)).toEqual(registered);
  await expect(registry.latest('events-value')).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  await cluster.resume();
  expect(await registry.latest('events-value')).toEqual(registered);
  await registry.close();
});
