import { AppError } from '@ebap/pipeline/errors';
import type { EventLog } from '@ebap/pipeline/ports';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestCluster, type TestCluster } from '../../postgres/testing/testCluster.ts';
import { folded, historyOf, streaming, until } from '../conformance.ts';
import { addCountedPerson, type CountedPerson, expectNoGap } from '../testing/countedPerson.ts';
import type { PostgresChangeStream } from './index.ts';
import { type Fixture, fixture } from './testing/fixture.ts';

let cluster: TestCluster;
let made: Fixture;
let stream: PostgresChangeStream;
let ann: CountedPerson;
beforeAll(async () => {
  cluster = await startTestCluster({ max_slot_wal_keep_size: '1MB' });
});
afterAll(() => cluster.stop());
beforeEach(async () => {
  made = await fixture(cluster);
  stream = made.open();
  ann = await addCountedPerson(made, until);
});
afterEach(async () => {
  await stream.stop();
  await made.dispose();
});

test.each(['SIGINT', 'SIGQUIT'] as const)(
  'a database ended by %s under load: nothing lost, nothing out of order',
  async (signal) => {
    await stream.start();
    await streaming(stream);
    let version = 0;
    for (let i = 0; i < 3; i++) {
      let isDown = false;
      const before = version;
      const writer = (async () => {
        while (!isDown) {
          try {
            await ann.setVersion(version + 1);
            version++;
          } catch {
            const [row] = isDown ? [] : await made.sql(`SELECT 1`).catch(() => []);
            if (row === undefined) break;
          }
        }
      })();
      await until(() => version >= before + 20, 'writes to interrupt');
      await cluster.halt(signal);
      isDown = true;
      await writer;
      await until(() => stream.status().state !== 'streaming', 'noticing');
      await cluster.resume();
      // The last write may have been committed without an answer.
      const [row] = await made.sql(`SELECT country FROM users WHERE user_id = 'ann'`);
      version = Number(row?.country);
      await streaming(stream);
    }
    await ann.setVersion(++version);
    expectNoGap(await ann.arrived(version), version);
    expect(version).toBeGreaterThan(60);
  },
);

test('a log that fails now and then, before or after it wrote: nothing lost, nothing out of order', async () => {
  let calls = 0;
  const flaky: EventLog = Object.assign(Object.create(made.log) as EventLog, {
    async append(topic: string, records: Parameters<EventLog['append']>[1]) {
      const fault = new AppError('unavailable', 'no answer', { retryable: true });
      calls++;
      if (calls % 3 === 1) throw fault;
      const acks = await made.log.append(topic, records);
      if (calls % 3 === 2) throw fault;
      return acks;
    },
    partitionCount: (topic: string) => made.log.partitionCount(topic),
    offsets: (topic: string, partition: number) => made.log.offsets(topic, partition),
    fetch: (...args: Parameters<EventLog['fetch']>) => made.log.fetch(...args),
  });
  stream = made.open({ log: flaky });
  await stream.start();
  await streaming(stream);
  for (let version = 1; version <= 60; ) {
    const before = calls;
    for (const end = version + 10; version < end; version++) await ann.setVersion(version);
    await until(() => calls > before, 'another append');
  }
  expectNoGap(await ann.arrived(60), 60);
  expect(stream.status().lastError).toContain('no answer');
});

test('a position is confirmed only after the append: what was never acknowledged comes again', async () => {
  await stream.start();
  await streaming(stream);
  await stream.stop();
  const deaf: EventLog = Object.assign(Object.create(made.log) as EventLog, {
    append: () => Promise.reject(new AppError('unavailable', 'never', { retryable: true })),
    partitionCount: (topic: string) => made.log.partitionCount(topic),
  });
  const lost = made.open({ log: deaf });
  await lost.start();
  await streaming(lost);
  await ann.setVersion(1);
  await until(() => lost.status().lastError !== null, 'the first try');
  await lost.stop();
  await stream.start();
  expectNoGap(await ann.arrived(1), 1);
});

test('a snapshot that was cut short is taken again', async () => {
  await made.sql(`INSERT INTO users (workspace_id, user_id) SELECT 'demo', 'u' || i FROM generate_series(1, 5000) i`);
  let appends = 0;
  const stopping: EventLog = Object.assign(Object.create(made.log) as EventLog, {
    append(topic: string, records: Parameters<EventLog['append']>[1]) {
      if (++appends === 3) void stream.stop();
      return made.log.append(topic, records);
    },
    partitionCount: (topic: string) => made.log.partitionCount(topic),
    offsets: (topic: string, partition: number) => made.log.offsets(topic, partition),
    fetch: (...args: Parameters<EventLog['fetch']>) => made.log.fetch(...args),
  });
  stream = made.open({ log: stopping });
  await stream.start();
  await until(() => stream.status().state === 'stopped', 'the end');
  expect(await made.sql('SELECT 1 FROM pg_replication_slots WHERE slot_name LIKE $1', [`${made.slot}%`])).toEqual([]);
  await made.sql(`DELETE FROM users WHERE user_id = 'u1'`);
  stream = made.open();
  await stream.start();
  await streaming(stream);
  const rows = folded(await made.read());
  expect(rows.size).toBe(5_000);
  expect(rows.has('demo:u1')).toBe(false);
});

test('a slot the database gave up: failed with the reason, then a new snapshot that also tells what has gone', async () => {
  await made.sql(`INSERT INTO users (workspace_id, user_id) VALUES ('demo', 'gone')`);
  await stream.start();
  await streaming(stream);
  await stream.stop();
  await made.sql(`DELETE FROM users WHERE user_id = 'gone'`);
  await ann.setVersion(1);
  await made.sql('CREATE TABLE IF NOT EXISTS bulk (v text)');
  for (let i = 0; i < 4; i++) {
    await made.sql(`INSERT INTO bulk SELECT repeat('x', 1000) FROM generate_series(1, 16000)`);
    await made.sql('SELECT pg_switch_wal()');
  }
  await made.sql('CHECKPOINT');
  const [slot] = await made.sql('SELECT wal_status FROM pg_replication_slots WHERE slot_name = $1', [made.slot]);
  expect(slot?.wal_status).toBe('lost');
  await stream.start();
  expect(stream.status()).toMatchObject({ state: 'failed', lastError: expect.stringContaining('a new snapshot') });
  await streaming(stream);
  expect(stream.status().lastError).toContain('dropped write-ahead log');
  const records = await ann.arrived(1);
  expect(historyOf(records, 'demo:gone', 'user_id')).toEqual(['r gone', 'd -', 'tombstone']);
  const gone = records.find(({ key, value }) => key === 'demo:gone' && value?.op === 'd');
  expect(gone?.value).toMatchObject({ before: { user_id: 'gone', log_key: 'demo:gone' }, source: { table: 'users' } });
  await ann.setVersion(2);
  await ann.arrived(2);
});

test('a transaction larger than what may wait goes in pieces, in order', async () => {
  await stream.start();
  await streaming(stream);
  await made.sql(`INSERT INTO users (workspace_id, user_id, country)
    SELECT 'demo', 'bulk' || i, '0' FROM generate_series(1, 30000) i`);
  await made.sql(`BEGIN; UPDATE users SET country = '1'; UPDATE users SET country = '2'; COMMIT`);
  // The first rows of a piece can be read before its last ones are written.
  await until(() => stream.status().delivered.u >= 60_002, 'all pieces');
  expect(stream.status().delivered).toEqual({ r: 1, c: 30_000, u: 60_002, d: 0 });
  const records = await ann.arrived(2);
  for (const key of ['demo:bulk1', 'demo:bulk15000', 'demo:bulk30000'])
    expect(historyOf(records, key, 'country')).toEqual(['c 0', 'u 1', 'u 2']);
});

test('a second stream on the same slot waits until the first one goes', async () => {
  await stream.start();
  await streaming(stream);
  const standby = made.open();
  await standby.start();
  await until(() => standby.status().lastError?.includes('is active') === true, 'the refusal');
  expect(standby.status().state).toBe('starting');
  await stream.stop();
  await ann.setVersion(1);
  await streaming(standby);
  expectNoGap(await ann.arrived(1), 1);
  // What is on the topic is counted a moment later.
  await until(() => standby.status().delivered.u > 0, 'the count');
  expect(standby.status().delivered).toEqual({ r: 0, c: 0, u: 1, d: 0 });
  await standby.stop();
});

test('a truncated table: every row is told as deleted', async () => {
  await stream.start();
  await streaming(stream);
  await made.sql('TRUNCATE users');
  await until(async () => folded(await made.read()).size === 0, 'the deletes');
  await made.sql(`INSERT INTO users (workspace_id, user_id, country) VALUES ('demo', 'ann', '7')`);
  await ann.arrived(7);
});

test('an idle table holds no write-ahead log while others are written', async () => {
  await stream.start();
  await streaming(stream);
  await made.sql('CREATE TABLE IF NOT EXISTS noise (v text)');
  await made.sql(`INSERT INTO noise SELECT repeat('x', 1000) FROM generate_series(1, 3000)`);
  const [end] = await made.sql('SELECT pg_current_wal_lsn() AS lsn');
  await until(async () => {
    const [slot] = await made.sql(
      'SELECT confirmed_flush_lsn >= $2::pg_lsn AS done FROM pg_replication_slots WHERE slot_name = $1',
      [made.slot, end?.lsn],
    );
    return slot?.done === true;
  }, 'the confirmation');
  await until(() => (stream.status().retainedWalBytes ?? Number.POSITIVE_INFINITY) < 3_000_000, 'little kept');
});

describe('set-up', () => {
  test('a database that is down does not keep the stream from starting', async () => {
    await cluster.halt('SIGINT');
    await stream.start();
    expect(stream.status()).toMatchObject({ state: 'starting', lastError: expect.stringContaining('ECONNREFUSED') });
    await cluster.resume();
    await streaming(stream);
  });

  test('a table that can not be published is a fault of configuration, and nothing runs', async () => {
    const broken = made.open({ tables: [{ name: 'missing', key: ['id'] }] });
    await expect(broken.start()).rejects.toMatchObject({ code: 'configuration' });
    await broken.stop();
    for (const table of [
      { name: 'people', key: ['email'] },
      { name: 'regions', key: ['code'], columns: ['code'] },
    ])
      await expect(made.open({ tables: [table] }).start()).rejects.toMatchObject({ code: 'configuration' });
  });

  test('another partition count is refused', async () => {
    await expect(made.open({ partitions: 3 }).start()).rejects.toMatchObject({ code: 'topic_mismatch' });
    await expect(made.open({ topic: 'missing' }).start()).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a slot needs a name the database takes', () => {
    expect(() => made.open({ slot: 'No-Slot' })).toThrow(/replication slot/);
  });

  test('an added table is told from its first row on', async () => {
    await stream.start();
    await streaming(stream);
    await stream.stop();
    stream = made.open({ tables: ['users', 'workspaces'] });
    await stream.start();
    await streaming(stream);
    expect(historyOf(await made.read(), 'workspaces:demo', 'name')).toEqual(['r Demo']);
  });
});
