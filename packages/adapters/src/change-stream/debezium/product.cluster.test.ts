import type { ChangeStream, EventLog } from '@ebap/pipeline/ports';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ChangeRecord, streaming, until } from '../conformance.ts';
import { type ChangeTable, openPostgresChangeStream, type ProductTable } from '../index.ts';
import { readTopic } from '../testing/readTopic.ts';
import { type Fixture, fixture } from './testing/fixture.ts';

const REFERENCE = ['regions', 'rates', 'rules', 'action_mappings', 'workspaces'] as const;

let made: Fixture;
let streams: ChangeStream[] = [];
beforeEach(async () => {
  made = await fixture(1);
  await made.sql(`INSERT INTO workspaces (id, name, currency, zone) VALUES ('demo', 'Demo', 'EUR', 'UTC')`);
});
afterEach(async () => {
  for (const stream of streams) await stream.stop();
  streams = [];
  await made.sql('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1', [
    `${made.name}_own`,
  ]);
  await made.dispose();
});

/** Both adapters on the same tables of one source, each with a slot and a topic of its own. */
async function follow(publication: string, tables: readonly (ProductTable | ChangeTable)[]): Promise<void> {
  const { url, log, name } = made;
  const topic = `own.${name}`;
  await log.createTopic({ name: topic, partitions: 1, cleanup: 'compact', retentionMs: 604_800_000 });
  const own = { topic, partitions: 1, slot: `${name}_own`, publication: `${name}_own`, tables };
  streams = [openPostgresChangeStream({ url, log, ...own }), made.open({ publication, tables })];
  for (const stream of streams) await stream.start();
  for (const stream of streams) await streaming(stream);
}

/** What both told, once each has told `count` records. */
async function told(
  log: EventLog,
  count: number,
): Promise<{ own: readonly ChangeRecord[]; debezium: readonly ChangeRecord[] }> {
  const read = async () => ({ own: await readTopic(log, `own.${made.name}`, 1), debezium: await made.read() });
  await until(async () => Object.values(await read()).every(({ length }) => length >= count), `${count} records`);
  return read();
}

/** All that consumers read: where a snapshot's rows stand in time is each adapter's own. */
function facts({ key, value }: ChangeRecord): unknown {
  if (value === null) return { key, value };
  const { op, before, after, source } = value;
  return { key, op, before, after, table: source.table, commitMs: op === 'r' ? null : source.ts_ms };
}

test('both adapters tell the same of the reference tables', async () => {
  await made.sql(`INSERT INTO rates VALUES ('USD', 1767225600000, 0.9123456789)`);
  await follow('ebap_cdc_reference', REFERENCE);
  await made.sql(`INSERT INTO regions VALUES ('eu-central-1', 'Frankfurt', 50.11, 8.68, 1e3)`);
  await made.sql(`INSERT INTO action_mappings VALUES ('demo', 'Order Completed', 'purchase')`);
  await made.sql(`INSERT INTO rules (id, workspace_id, name, definition, enabled)
    VALUES ('6f9619ff-8b86-4d01-b42d-00cf4fc964ff', 'demo', 'spike', '{"above": [1, "ü"]}', false)`);
  await made.sql(`UPDATE rates SET rate = 1 WHERE currency = 'USD'`);
  await made.sql(`UPDATE regions SET code = 'eu-west-9'`);
  await made.sql('DELETE FROM action_mappings');
  const { own, debezium } = await told(made.log, 11);
  expect(debezium.map(({ key, value }) => [key, value?.op ?? null])).toEqual([
    ['rates:USD:1767225600000', 'r'],
    ['workspaces:demo', 'r'],
    ['regions:eu-central-1', 'c'],
    ['action_mappings:demo:Order Completed', 'c'],
    ['rules:6f9619ff-8b86-4d01-b42d-00cf4fc964ff', 'c'],
    ['rates:USD:1767225600000', 'u'],
    ['regions:eu-central-1', 'd'],
    ['regions:eu-central-1', null],
    ['regions:eu-west-9', 'c'],
    ['action_mappings:demo:Order Completed', 'd'],
    ['action_mappings:demo:Order Completed', null],
  ]);
  expect(debezium.map(facts)).toEqual(own.map(facts));
});

test('both adapters tell the same of users, but for what a delete shows besides its keys', async () => {
  await made.sql(`INSERT INTO users (workspace_id, user_id, country) VALUES ('demo', 'ann', NULL)`);
  await follow('ebap_cdc_users', ['users']);
  await made.sql(`INSERT INTO users (workspace_id, user_id, tier, country) VALUES ('demo', 'bob', 'gold', 'DE')`);
  await made.sql(`UPDATE users SET tier = 'silver', updated_at = '2026-02-03 04:05:06.7+01' WHERE user_id = 'bob'`);
  await made.sql(`DELETE FROM users WHERE user_id = 'bob'`);
  const { own, debezium } = await told(made.log, 5);
  const withoutDeleted = (record: ChangeRecord): unknown =>
    record.value?.op === 'd' ? { ...(facts(record) as object), before: null } : facts(record);
  expect(debezium.map(withoutDeleted)).toEqual(own.map(withoutDeleted));
  const keys = { workspace_id: 'demo', user_id: 'bob', log_key: 'demo:bob' };
  for (const records of [own, debezium]) expect(records[3]?.value?.before).toMatchObject(keys);
});

test('both adapters write values of all types alike', async () => {
  await made.sql(`CREATE TABLE kinds (log_key text PRIMARY KEY, yes boolean, small smallint, mid integer, large bigint,
    single real, double double precision, amount numeric(20, 10), free numeric, at timestamptz, local timestamp,
    day date, clock time, id uuid, doc jsonb, bytes bytea, long text)`);
  await made.sql('ALTER TABLE kinds REPLICA IDENTITY FULL');
  await made.sql('CREATE PUBLICATION kinds FOR TABLE kinds');
  await made.sql('GRANT SELECT ON kinds TO ebap_cdc');
  const add = (key: string) =>
    made.sql(
      `INSERT INTO kinds VALUES ($1, true, -7, 42, 9007199254740991, 0.1, 1e-5, 12.5, 1.250, '2026-11-21 10:05:09.5+02',
        '1969-12-31 23:59:59.25', '1970-02-01', '00:00:01.5', '6f9619ff-8b86-4d01-b42d-00cf4fc964ff', '{"a": [1, null]}',
        '\\xdeadbeef', $2)`,
      [key, 'ü'.repeat(5_000)],
    );
  await add('snapshot');
  await made.sql(`INSERT INTO kinds (log_key) VALUES ('nothing')`);
  await follow('kinds', [{ name: 'kinds', key: ['log_key'] }]);
  await add('streamed');
  await made.sql(`UPDATE kinds SET mid = 43 WHERE log_key = 'streamed'`);
  const { own, debezium } = await told(made.log, 4);
  expect(debezium.map(facts)).toEqual(own.map(facts));
});
