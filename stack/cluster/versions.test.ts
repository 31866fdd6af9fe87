import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { DEBEZIUM_VERSION, DEFAULT_PORTS, KAFKA_VERSION, REGISTRY_VERSION } from './versions.ts';

const COMPOSE: { readonly services: Readonly<Record<string, { readonly image: string }>> } = parse(
  readFileSync(join(import.meta.dirname, '../../docker-compose.yml'), 'utf8'),
);

test.each([
  ['kafka', KAFKA_VERSION],
  ['registry', REGISTRY_VERSION],
  ['connect', DEBEZIUM_VERSION],
])('Docker Compose runs the same version of %s', (service, version) => {
  expect(COMPOSE.services[service]?.image.split(':')[1]).toBe(version);
});

test('no two listeners share a port', () => {
  const ports = Object.values(DEFAULT_PORTS);
  expect(new Set(ports).size).toBe(ports.length);
});
