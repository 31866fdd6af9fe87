import type { ChangeStream } from '@ebap/pipeline/ports';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startGateway } from '../../http-client/testing/gateway.ts';
import { engines } from '../../testing/engines.ts';
import { historyOf, streaming } from '../conformance.ts';
import { type Fixture, fixture, PASSWORD } from './testing/fixture.ts';
import { patiently } from './testing/patiently.ts';

let made: Fixture;
let stream: ChangeStream;
beforeEach(async () => {
  made = await fixture();
  await made.sql(`INSERT INTO workspaces (id, name, currency, zone) VALUES ('demo', 'Demo', 'EUR', 'UTC')`);
  await made.sql(`INSERT INTO users (workspace_id, user_id, country) VALUES ('demo', 'ann', 'DE')`);
  stream = made.open();
});
afterEach(async () => {
  await stream.stop();
  await made.dispose();
});

const said = (text: string): Promise<void> =>
  patiently(
    () => stream.status().lastError?.includes(text) === true,
    () => `${text}; ${JSON.stringify(stream.status())}`,
  );

test('a Kafka Connect that is down or starting does not keep the stream from starting', async () => {
  const gateway = await startGateway(engines().connectUrl);
  await gateway.down();
  stream = made.open({ connect: { url: gateway.url, maxTries: 1 } });
  await stream.start();
  expect(stream.status()).toMatchObject({ state: 'starting', lastError: expect.stringContaining('ECONNREFUSED') });
  gateway.answer((_, response) => {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<html>');
    return true;
  });
  await gateway.up();
  await said('is starting');
  gateway.answer(() => false);
  await streaming(stream);
  await stream.stop();
  await gateway.stop();
});

test('a connector that is as it should be is left alone, one that differs is changed', async () => {
  const gateway = await startGateway(engines().connectUrl);
  const connect = { url: gateway.url };
  const puts = (): number => gateway.seen.filter((call) => call.startsWith('PUT')).length;
  stream = made.open({ connect });
  await stream.start();
  await streaming(stream);
  expect(puts()).toBe(1);
  await stream.stop();
  stream = made.open({ connect });
  await stream.start();
  await streaming(stream);
  expect(puts()).toBe(1);
  await stream.stop();
  stream = made.open({ connect, settings: { 'poll.interval.ms': '30' } });
  await stream.start();
  await streaming(stream);
  expect(puts()).toBe(2);
  expect(await made.connector('/config')).toMatchObject({ 'poll.interval.ms': '30' });
  expect(historyOf(await made.read(), 'demo:ann', 'country')).toEqual(['r DE']);
  await stream.stop();
  await gateway.stop();
});

test('a connector that somebody paused is shown as that; one that was deleted is made again', async () => {
  await stream.start();
  await streaming(stream);
  await made.connector('/pause', 'PUT');
  await said('Somebody paused the connector');
  expect(stream.status().state).toBe('failed');
  await made.connector('/resume', 'PUT');
  await streaming(stream);
  await made.connector('', 'DELETE');
  await patiently(
    () => stream.status().state !== 'streaming',
    () => 'noticing',
  );
  await streaming(stream);
});

test('wrong credentials, topics, tables and plugins are faults of configuration, and the password is never told', async () => {
  const url = new URL(made.options.url);
  url.password = 'wrong-one';
  const wrong = made.open({ url: url.href });
  await expect(wrong.start()).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringContaining('password'),
  });
  // Right here, wrong from there.
  const refused = made.open({ fromConnect: { password: 'wrong-one' } });
  await expect(refused.start()).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringContaining('Kafka Connect'),
  });
  await expect(made.open({ partitions: 3 }).start()).rejects.toMatchObject({ code: 'topic_mismatch' });
  await expect(made.open({ topic: 'missing' }).start()).rejects.toMatchObject({ code: 'not_found' });
  const gateway = await startGateway();
  gateway.answer((_, response) => {
    response.end('[]');
    return true;
  });
  const bare = made.open({ connect: { url: gateway.url } });
  await expect(bare.start()).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringContaining('plugin'),
  });
  for (const { status } of [wrong, refused, bare].map((one) => ({ status: JSON.stringify(one.status()) }))) {
    expect(status).not.toContain('wrong-one');
    expect(status).not.toContain(PASSWORD);
  }
  await gateway.stop();
});

test('the role reads what it must, and nothing else', async () => {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: made.options.url });
  await client.connect();
  expect((await client.query('SELECT log_key, tier FROM users')).rows).toEqual([{ log_key: 'demo:ann', tier: 'free' }]);
  for (const sql of [
    'SELECT email FROM users',
    'SELECT * FROM users',
    `UPDATE users SET tier = 'gold'`,
    'DELETE FROM regions',
    'SELECT * FROM people',
    'DROP PUBLICATION ebap_cdc_users',
    'CREATE TABLE mine (x int)',
  ])
    await expect(client.query(sql), sql).rejects.toMatchObject({ code: '42501' });
  await client.end();
});

test('a table that nobody changes holds no write-ahead log while others are written', async () => {
  stream = made.open({ heartbeatMs: 500 });
  await stream.start();
  await streaming(stream);
  await made.sql('CREATE TABLE noise (v text)');
  await made.sql(`INSERT INTO noise SELECT repeat('x', 1000) FROM generate_series(1, 3000)`);
  const [end] = await made.sql('SELECT pg_current_wal_lsn() AS lsn');
  const isConfirmed = async (): Promise<boolean> => {
    const [slot] = await made.sql(
      'SELECT confirmed_flush_lsn >= $2::pg_lsn AS done FROM pg_replication_slots WHERE slot_name = $1',
      [made.name, end?.lsn],
    );
    return slot?.done === true;
  };
  await patiently(isConfirmed, () => 'the confirmation');
  await patiently(
    () => (stream.status().retainedWalBytes ?? Number.POSITIVE_INFINITY) < 3_000_000,
    () => 'little kept',
  );
  expect((await made.read()).map(({ key }) => key)).toEqual(['demo:ann']);
}, 240_000);
