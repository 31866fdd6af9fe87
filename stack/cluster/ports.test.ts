import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freeClusterPorts, isPortFree } from './ports.ts';

test('every listener gets a port of its own, none of those lent to outgoing connections', async () => {
  const ports = Object.values(await freeClusterPorts());
  expect(new Set(ports).size).toBe(ports.length);
  expect(ports.every((port) => port >= 20_000 && port < 30_000)).toBe(true);
});

test('a port that somebody listens on is not free', async () => {
  const { redis } = await freeClusterPorts();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(redis, '127.0.0.1', resolve));
  expect(await isPortFree(redis)).toBe(false);
  await new Promise((resolve) => server.close(resolve));
  expect(await isPortFree(redis)).toBe(true);
});
