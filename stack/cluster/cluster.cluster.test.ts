import { readFileSync } from 'node:fs';
import { connect as connectTls } from 'node:tls';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { answers } from './engines/probes.ts';

const portOf = (address: string): number => Number(new URL(`x://${address.replace(/^\w+:\/\//, '')}`).port);

test('Redis answers those who know its password', async () => {
  const url = new URL(inject('engines').redisUrl);
  expect(await answers(Number(url.port), 'PING\r\n', '-NOAUTH')).toBe(true);
  expect(await answers(Number(url.port), `AUTH ${url.password}\r\nPING\r\n`, '+PONG')).toBe(true);
});

test('PostgreSQL is ready for logical replication', async () => {
  const client = new pg.Client({ connectionString: inject('engines').postgresUrl });
  await client.connect();
  const { rows } = await client.query('SHOW wal_level');
  await client.end();
  expect(rows).toEqual([{ wal_level: 'logical' }]);
});

test('the registry refuses what breaks readers unless told otherwise', async () => {
  const response = await fetch(`${inject('engines').registryUrl}/config`);
  expect(await response.json()).toMatchObject({ compatibilityLevel: 'BACKWARD_TRANSITIVE' });
});

test('Connect has the connector for PostgreSQL', async () => {
  const response = await fetch(`${inject('engines').connectUrl}/connector-plugins`);
  expect(JSON.stringify(await response.json())).toContain('io.debezium.connector.postgresql.PostgresConnector');
});

test('the certificate of Kafka is good for this machine, signed by an authority of its own', async () => {
  const { brokers, caFile } = inject('engines').kafka.saslSsl;
  const port = portOf(brokers[0] ?? '');
  for (const servername of ['localhost', undefined]) {
    const socket = connectTls({ host: '127.0.0.1', port, ca: readFileSync(caFile), ...(servername && { servername }) });
    await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    expect(socket.authorized).toBe(true);
    socket.destroy();
  }
});
