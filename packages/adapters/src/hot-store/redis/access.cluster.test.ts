import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HotChange, HotFlush } from '@ebap/pipeline/ports';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { codeOf } from '../../testing/codeOf.ts';
import { openRedisHotStore, type RedisHotStoreOptions } from './index.ts';
import { documentedUsers } from './testing/documentedUsers.ts';
import { freePort, type RedisServer, startRedisServer } from './testing/redisServer.ts';
import { makeCertificate } from './testing/redisTls.ts';

function flushOf(key: string, offset = 1): HotFlush {
  return {
    fence: { scope: 'rollup/0', epoch: 1, offset },
    writes: [{ key, field: 'v', value: 'x', expiresAtMs: Date.now() + 3_600_000 }],
    changes: [{ topic: 'windows/acme', keys: [key] }],
  };
}

let dir: string;
let server: RedisServer;
let ca: Buffer;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'redis-tls-'));
  const certificate = await makeCertificate(dir);
  ca = certificate.ca;
  const users = await documentedUsers(['ebap-worker', 'ebap-web'], 'secret');
  const port = await freePort();
  server = await startRedisServer({
    port,
    access: { username: 'admin', password: 'admin', tls: { ca } },
    config: [
      `tls-port ${port}`,
      `tls-cert-file ${certificate.certFile}`,
      `tls-key-file ${certificate.keyFile}`,
      `tls-ca-cert-file ${certificate.certFile}`,
      'tls-auth-clients no',
      'user default off',
      'user admin on >admin ~* &* +@all',
      ...users,
    ],
  });
});
afterAll(async () => {
  await server?.dispose();
  await rm(dir, { recursive: true, force: true });
});

async function open(username: string, options: Partial<RedisHotStoreOptions> = {}) {
  const store = await openRedisHotStore({
    address: { mode: 'single', url: `rediss://127.0.0.1:${server.port}` },
    username,
    password: 'secret',
    tls: { ca },
    answerTimeoutMs: 2_000,
    ...options,
  });
  onTestFinished(() => store.close());
  return store;
}

describe('Redis over TLS with the documented users', () => {
  test('the worker writes, the web reads and follows, and adds to the system’s keys', async () => {
    const [worker, web] = [await open('ebap-worker'), await open('ebap-web')];
    const seen: HotChange[] = [];
    await web.subscribe('windows/', (change) => seen.push(change));
    expect((await worker.flush(flushOf('{acme}:w'))).status).toBe('applied');
    await vi.waitUntil(() => seen.length > 0, { timeout: 20_000 });
    expect(seen[0]?.keys).toEqual(['{acme}:w']);
    expect(await web.readFields(['{acme}:w'], ['v'])).toEqual([['x']]);
    expect((await web.readHash('{acme}:w')).size).toBe(1);
    expect(await web.sequence('windows/acme')).toBeGreaterThan(0);
    expect((await web.flush({ ...flushOf('{_system}:ingest1'), changes: [] })).status).toBe('applied');
    await worker.sweep();
  });

  test('the web can not write what the worker writes: `configuration`, and nothing changed', async () => {
    const web = await open('ebap-web');
    const failed = await web.flush({ ...flushOf('{globex}:w'), changes: [] }).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'configuration', retryable: false });
    expect(String(failed)).toContain('ACL');
    expect((await web.readHash('{globex}:w')).size).toBe(0);
  });

  test.each([
    ['a wrong password', { password: 'wrong' }],
    ['an unknown user', { username: 'nobody' }],
    ['a certificate of an unknown authority', { tls: {} }],
  ])('%s is `configuration`', async (_, options) => {
    expect(await codeOf(open('ebap-worker', options))).toBe('configuration');
  });

  test('the users may not do anything else', async () => {
    for (const username of ['ebap-worker', 'ebap-web']) {
      const redis = new Redis({ host: '127.0.0.1', port: server.port, tls: { ca }, username, password: 'secret' });
      onTestFinished(() => redis.disconnect());
      for (const command of [['FLUSHALL'], ['CONFIG', 'GET', '*'], ['KEYS', '*'], ['GET', 'other']] as const) {
        const [name, ...args] = command;
        await expect(redis.call(name, ...args)).rejects.toThrow('NOPERM');
      }
    }
  });
});
