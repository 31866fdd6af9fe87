import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { codeOf } from '../../testing/codeOf.ts';
import { openRedisHotStore, type RedisHotStoreOptions } from './index.ts';
import { documentedUsers } from './testing/documentedUsers.ts';
import { flushed, flushOf, followValue } from './testing/flushes.ts';
import { startSentinel, type TestSentinel } from './testing/redisSentinel.ts';
import { makeCertificate } from './testing/redisTls.ts';

const ADMIN = { username: 'admin', password: 'of the fixture' };
const PASSWORD = 'of-all-others';

let dir: string;
let ca: Buffer;
let setup: TestSentinel;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'redis-sentinel-'));
  const certificate = await makeCertificate(dir);
  ca = certificate.ca;
  const closed = [
    `tls-cert-file ${certificate.certFile}`,
    `tls-key-file ${certificate.keyFile}`,
    `tls-ca-cert-file ${certificate.certFile}`,
    'tls-auth-clients no',
    // Between the servers, and from the Sentinel to them.
    'tls-replication yes',
    'user default off',
    `user ${ADMIN.username} on ">${ADMIN.password}" ~* &* +@all`,
  ];
  const users = (...names: readonly string[]) => documentedUsers(names, PASSWORD);
  const served = await users('ebap-worker', 'ebap-replica', 'ebap-watcher');
  const found = await users('ebap-finder');
  setup = await startSentinel({
    server: [...closed, ...served, 'masteruser ebap-replica', `masterauth ${PASSWORD}`],
    sentinel: (name) => [
      ...closed,
      ...found,
      `sentinel auth-user ${name} ebap-watcher`,
      `sentinel auth-pass ${name} ${PASSWORD}`,
    ],
    access: { ...ADMIN, tls: { ca } },
  });
});
afterEach(async () => {
  await setup?.dispose();
  await rm(dir, { recursive: true, force: true });
});

async function open(changes: Partial<RedisHotStoreOptions> = {}, sentinelPassword = PASSWORD) {
  const { name, sentinels } = setup;
  const store = await openRedisHotStore({
    address: { mode: 'sentinel', name, sentinels, sentinelUsername: 'ebap-finder', sentinelPassword },
    username: 'ebap-worker',
    password: PASSWORD,
    tls: { ca },
    answerTimeoutMs: 1_000,
    ...changes,
  });
  onTestFinished(() => store.close());
  return store;
}

/** What the master holds by now is on its replica. */
async function replicated(): Promise<void> {
  const admin = new Redis({ host: '127.0.0.1', port: setup.master.port, ...ADMIN, tls: { ca } });
  try {
    await vi.waitUntil(async () => (await admin.wait(1, 1_000)) === 1, { timeout: 40_000 });
  } finally {
    admin.disconnect();
  }
}

describe('Sentinel with sign-in and TLS everywhere, with the documented users', () => {
  test('after a failover writes go on, and the fence is where it was', async () => {
    const [writer, reader] = [await open(), await open()];
    const held = await followValue(reader);
    await writer.flush(flushOf(1));
    await replicated();
    await setup.master.kill();
    const second = await flushed(writer, flushOf(2));
    // A flush whose answer was lost finds itself.
    if (second.status === 'applied') expect(second.found).toEqual({ epoch: 1, offset: 1 });
    else expect(second.found).toEqual({ epoch: 1, offset: 2 });
    await vi.waitUntil(() => held() === '2', { timeout: 40_000 });
    const stale = flushOf(9, 'stale');
    expect(await flushed(writer, { ...stale, fence: { ...stale.fence, epoch: 0 } })).toEqual({
      status: 'fenced',
      found: { epoch: 1, offset: 2 },
    });
    expect(await reader.readFields(['{acme}:w'], ['v'])).toEqual([['2']]);
    expect(await flushed(writer, flushOf(3))).toEqual({ status: 'applied', found: { epoch: 1, offset: 2 } });
  });

  test.each([
    ['the servers', () => open({ password: 'wrong' })],
    ['the Sentinels', () => open({}, 'wrong')],
  ])('a wrong password for %s is `configuration`', async (_, opened) => {
    expect(await codeOf(opened())).toBe('configuration');
  });
});
