import { expect, inject, test } from 'vitest';

test('the registry refuses what breaks readers unless told otherwise', async () => {
  const response = await fetch(`${inject('engines').registryUrl}/config`);
  expect(await response.json()).toMatchObject({ compatibilityLevel: 'BACKWARD_TRANSITIVE' });
});

test('Connect has the connector for PostgreSQL', async () => {
  const response = await fetch(`${inject('engines').connectUrl}/connector-plugins`);
  expect(JSON.stringify(await response.json())).toContain('io.debezium.connector.postgresql.PostgresConnector');
});
