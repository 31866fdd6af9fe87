import { PrismaPg } from '@prisma/adapter-pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PrismaClient } from '../../generated/prisma/client.ts';
import type { Db } from '../index.ts';
import { seed } from '../seed/seed.ts';
import { openSeededDb, type SeededDb } from '../testing/seededDb.ts';
import { sql } from '../testing/testDatabase.ts';
import { apiKeysRepository } from './apiKeys.ts';

let seeded: SeededDb;
let db: Db;

beforeAll(async () => {
  seeded = await openSeededDb();
  db = seeded.db;
});
afterAll(() => seeded.stop());

/** The repository as another process has it, on a clock of the test's. */
function otherProcess() {
  const clock = { nowMs: 0 };
  const prisma = new PrismaClient({ adapter: new PrismaPg(db.pool) });
  return { clock, apiKeys: apiKeysRepository(prisma, db.pool, () => clock.nowMs) };
}

describe('a write key', () => {
  it('is shown once, stored as a hash, and opens its own workspace', async () => {
    const { id, text, prefix } = await db.apiKeys.create('acme', 'Shop');
    expect(text).toMatch(/^ebap_wk_[0-9a-f]{10}_[\w-]{43}$/);
    expect(text).toContain(`_${prefix}_`);
    expect(await db.apiKeys.verify(text)).toEqual({ keyId: id, workspaceId: 'acme', scope: 'write' });
    const [row] = await sql(seeded.url, 'SELECT k::text AS row FROM api_keys k WHERE id = $1', [id]);
    expect(String(row?.row)).not.toContain(text.slice(-43));
  });

  it.each(['', 'ebap_wk_0000000000_nonsense', 'x'.repeat(10_000), "' OR true --"])(
    'is refused as %.20s',
    async (text) => {
      expect(await db.apiKeys.verify(text)).toBeNull();
    },
  );

  it('stops at once where it was revoked, and within 10 s elsewhere', async () => {
    const other = otherProcess();
    const { id, text } = await db.apiKeys.create('acme', 'Shop');
    await Promise.all([db.apiKeys.verify(text), other.apiKeys.verify(text)]);
    expect(await db.apiKeys.revoke('meridian', id)).toBe(false);
    expect(await db.apiKeys.revoke('acme', id)).toBe(true);
    expect(await db.apiKeys.verify(text)).toBeNull();
    other.clock.nowMs = 9_999;
    expect(await other.apiKeys.verify(text)).not.toBeNull();
    other.clock.nowMs = 10_000;
    expect(await other.apiKeys.verify(text)).toBeNull();
  });

  it('has its last use written in batches, not per request', async () => {
    const other = otherProcess();
    const { id, text } = await db.apiKeys.create('meridian', 'Shop');
    const lastUsed = async () => (await db.apiKeys.list('meridian')).find((key) => key.id === id)?.lastUsedAt;
    await other.apiKeys.verify(text);
    await other.apiKeys.flushUses();
    const first = await lastUsed();
    expect(first).toBeInstanceOf(Date);
    other.clock.nowMs = 5_000;
    await other.apiKeys.verify(text);
    expect(await lastUsed()).toEqual(first);
    await other.apiKeys.flushUses();
    expect(Number(await lastUsed())).toBeGreaterThan(Number(first));
  });

  it('needs a workspace that exists', async () => {
    await expect(db.apiKeys.create('nowhere', 'Shop')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('of the demo works like any other', async () => {
    const text = 'ebap_demo_0123456789abcdef';
    await seed(seeded.url, { demoKeys: { acme: text } });
    expect(await otherProcess().apiKeys.verify(text)).toMatchObject({ workspaceId: 'acme' });
  });
});
