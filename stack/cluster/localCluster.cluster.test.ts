import { existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answers } from './engines/probes.ts';
import { makeThrowawayCluster, type ThrowawayCluster } from './throwawayCluster.ts';

let throwaway: ThrowawayCluster;

/** The two that start fastest; what is shown holds for the others, which are processes like Redis. */
beforeAll(async () => {
  throwaway = await makeThrowawayCluster(process.env, { step: (_, work) => work() }, { engines: ['redis', 'source'] });
  await throwaway.cluster.start();
});

afterAll(() => throwaway.remove());

async function redis(command: string, expected: string): Promise<boolean> {
  const { port, password } = new URL(throwaway.cluster.addresses.redisUrl);
  return answers(Number(port), `AUTH ${password}\r\n${command}\r\n`, expected);
}

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: throwaway.cluster.addresses.postgresUrl });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('what Redis was told an append ago is there after it was stopped and started', async () => {
  const engine = throwaway.cluster.engine('redis');
  expect(await redis('SET kept 1', '+OK')).toBe(true);
  const before = engine.pid;
  await engine.stop();
  expect(engine.pid).toBeUndefined();
  expect(await redis('GET kept', '$1')).toBe(false);
  await engine.start();
  expect(engine.pid).not.toBe(before);
  expect(await redis('GET kept', '$1')).toBe(true);
});

test('a paused engine answers nobody until it goes on', async () => {
  const engine = throwaway.cluster.engine('redis');
  engine.pause();
  expect(await redis('PING', '+PONG')).toBe(false);
  expect(engine.pid).toBeDefined();
  engine.resume();
  expect(await redis('PING', '+PONG')).toBe(true);
});

test('a PostgreSQL that was killed starts again with all it had promised, on the same address', async () => {
  const engine = throwaway.cluster.engine('source');
  await query('CREATE TABLE kept (id int)');
  await engine.kill();
  await expect(query('TABLE kept')).rejects.toThrow();
  await engine.start();
  expect(await query('TABLE kept')).toEqual([]);
});

test('a paused PostgreSQL can be stopped in order', async () => {
  const engine = throwaway.cluster.engine('source');
  engine.pause();
  await engine.stop();
  await engine.start();
  expect(await query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('an engine that ends by itself is told of, one that is asked to end is not', async () => {
  const engine = throwaway.cluster.engine('redis');
  const ends: string[] = [];
  const told = new Promise<void>((resolve) => {
    engine.onUnexpectedEnd((why) => {
      ends.push(why);
      resolve();
    });
  });
  await engine.stop();
  await engine.start();
  expect(ends).toEqual([]);
  if (engine.pid !== undefined) process.kill(engine.pid, 'SIGKILL');
  await told;
  expect(ends).toEqual(['signal SIGKILL']);
  await engine.start();
});

test('an engine that is not part of the cluster is not found, its needs are part of it', () => {
  expect(() => throwaway.cluster.engine('connect')).toThrow(/runs without connect/);
  expect(throwaway.cluster.engines.map(({ name }) => name)).toEqual(['source', 'redis']);
});

test('an engine that cannot start says why, with the end of its log, and nothing stays running', async () => {
  const { cluster, remove } = await makeThrowawayCluster(
    process.env,
    { step: (_, work) => work() },
    { engines: ['redis'] },
  );
  const squatter = createServer((socket) => socket.destroy());
  const port = Number(new URL(cluster.addresses.redisUrl).port);
  await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
  await expect(cluster.start()).rejects.toThrow(/Redis could not start: exit code 1.*Address already in use/s);
  expect(cluster.pids().size).toBe(0);
  await new Promise((resolve) => squatter.close(resolve));
  await remove();
});

test('data and passwords are for this user alone', () => {
  const { logFile } = throwaway.cluster.engine('redis');
  const data = logFile.replace(/\/logs\/.*/, '');
  expect(existsSync(data)).toBe(true);
  for (const [file, mode] of [
    [data, 0o700],
    [`${data}/secrets/redis`, 0o600],
    [`${data}/redis/redis.conf`, 0o600],
    [logFile, 0o600],
  ] as const)
    expect(statSync(file).mode & 0o777).toBe(mode);
});
