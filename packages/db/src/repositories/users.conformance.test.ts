import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../index.ts';
import { openSeededDb, type SeededDb } from '../testing/seededDb.ts';
import { sql } from '../testing/testDatabase.ts';

let seeded: SeededDb;
let db: Db;

beforeAll(async () => {
  seeded = await openSeededDb();
  db = seeded.db;
});
afterAll(() => seeded.stop());

describe('users', () => {
  it('are created with the free tier and completed by what is said later', async () => {
    expect(await db.users.upsertMany('acme', [{ userId: 'u1', email: 'u1@x.example' }])).toBe(1);
    expect(await db.users.upsertMany('acme', [{ userId: 'u1', tier: 'gold', country: 'DE' }])).toBe(1);
    expect(await db.users.get('acme', 'u1')).toMatchObject({
      userId: 'u1',
      email: 'u1@x.example',
      displayName: null,
      tier: 'gold',
      country: 'DE',
    });
  });

  it('with the same id in two workspaces are two users', async () => {
    await db.users.upsertMany('acme', [{ userId: 'same', tier: 'gold' }]);
    await db.users.upsertMany('meridian', [{ userId: 'same' }]);
    expect(await db.users.get('acme', 'same')).toMatchObject({ tier: 'gold' });
    expect(await db.users.get('meridian', 'same')).toMatchObject({ tier: 'free' });
    const rows = await sql(seeded.url, `SELECT log_key FROM users WHERE user_id = 'same' ORDER BY 1`);
    expect(rows).toEqual([{ log_key: 'acme:same' }, { log_key: 'meridian:same' }]);
  });

  it('are merged when one call names them twice, the later profile winning', async () => {
    const twice = [
      { userId: 'twice', tier: 'silver', country: 'FR' },
      { userId: 'twice', tier: 'platinum', country: undefined },
    ] as const;
    expect(await db.users.upsertMany('acme', twice)).toBe(1);
    expect(await db.users.get('acme', 'twice')).toMatchObject({ tier: 'platinum', country: 'FR' });
  });

  it('are not written when nothing changes', async () => {
    await db.users.upsertMany('acme', [{ userId: 'still', email: 'x@x.example' }]);
    expect(await db.users.upsertMany('acme', [{ userId: 'still', email: 'x@x.example' }])).toBe(0);
    expect(await db.users.upsertMany('acme', [])).toBe(0);
  });

  it('survive eight writers of the same hundred', async () => {
    const profiles = Array.from({ length: 100 }, (_, i) => ({ userId: `race-${i}` }));
    const tiers = ['free', 'silver', 'gold', 'platinum'] as const;
    const writers = [...tiers, ...tiers].map((tier) =>
      db.users.upsertMany(
        'acme',
        profiles.map((profile) => ({ ...profile, tier })),
      ),
    );
    await Promise.all(writers);
    const rows = await sql(
      seeded.url,
      `SELECT count(*)::int AS n, count(DISTINCT tier)::int AS t FROM users WHERE user_id LIKE 'race-%'`,
    );
    expect(rows).toEqual([{ n: 100, t: 1 }]);
  });

  it('need an id and a workspace that exists', async () => {
    await expect(db.users.upsertMany('acme', [{ userId: '' }])).rejects.toMatchObject({ code: 'bad_request' });
    await expect(db.users.upsertMany('nowhere', [{ userId: 'x' }])).rejects.toMatchObject({ code: 'not_found' });
    await expect(db.users.upsertMany('acme', [{ userId: 'a\u0000b' }])).rejects.toMatchObject({ code: 'bad_request' });
    expect(await db.users.get('acme', 'nobody')).toBeNull();
  });
});

describe('reference data', () => {
  it('is read as seeded', async () => {
    expect(await db.reference.regions()).toHaveLength(15);
    expect(await db.reference.rates()).toContainEqual({ currency: 'USD', validFromMs: 0, rate: '0.92' });
    expect(await db.reference.actionMappings('acme')).toContainEqual({
      workspaceId: 'acme',
      sourceName: 'Order Completed',
      action: 'purchase',
    });
  });

  it('can be changed, and asked for all workspaces at once', async () => {
    await db.reference.putRegion({ code: 'xx-1', name: 'Nowhere', lat: 0, lng: 0, capacity: 1 });
    await db.reference.putRegion({ code: 'xx-1', name: 'Somewhere', lat: 1.5, lng: 2, capacity: 3 });
    expect(await db.reference.regions()).toContainEqual({
      code: 'xx-1',
      name: 'Somewhere',
      lat: 1.5,
      lng: 2,
      capacity: 3,
    });
    await db.reference.putRate({ currency: 'CHF', validFromMs: 1_800_000_000_000, rate: '1.0000000001' });
    expect(await db.reference.rates()).toContainEqual({
      currency: 'CHF',
      validFromMs: 1_800_000_000_000,
      rate: '1.0000000001',
    });
    const mapping = { workspaceId: 'acme', sourceName: 'Bought', action: 'purchase' } as const;
    await db.reference.putActionMapping(mapping);
    expect(await db.reference.actionMappings()).toContainEqual(mapping);
    expect(await db.reference.removeActionMapping('acme', 'Bought')).toBe(true);
    expect(await db.reference.removeActionMapping('acme', 'Bought')).toBe(false);
  });
});

describe('workspaces', () => {
  it('are listed by name and refused with a taken or a bad id', async () => {
    expect((await db.workspaces.list()).map(({ id }) => id)).toEqual(['acme', 'meridian']);
    expect(await db.workspaces.get('acme')).toEqual({
      id: 'acme',
      name: 'Acme',
      currency: 'USD',
      zone: 'America/New_York',
    });
    expect(await db.workspaces.get('nowhere')).toBeNull();
    const more = { name: 'More', currency: 'EUR', zone: 'UTC' };
    await expect(db.workspaces.create({ id: 'acme', ...more })).rejects.toMatchObject({ code: 'conflict' });
    await expect(db.workspaces.create({ id: 'a:b', ...more })).rejects.toMatchObject({ code: 'bad_request' });
    expect(await db.workspaces.create({ id: 'more', ...more })).toEqual({ id: 'more', ...more });
  });
});

describe('the audit trail', () => {
  it('takes whatever text is sent', async () => {
    const detail = { path: 'a\0b', 'lone \ud800': '\udfff', n: 1 };
    await db.audit.append([{ workspaceId: 'no\0ne', actor: 'x\0', kind: 'refused', detail }]);
    const pending = await db.audit.pending(1_000);
    const entry = pending.find(({ actor }) => actor === 'x\ufffd');
    await db.audit.remove(entry === undefined ? [] : [entry.id]);
    expect(entry).toMatchObject({
      workspaceId: 'no\ufffdne',
      kind: 'refused',
      detail: { path: 'a\ufffdb', 'lone \ufffd': '\ufffd', n: 1 },
    });
  });

  it('hands out entries in order until they are removed', async () => {
    const entry = { workspaceId: null, actor: 'web', kind: 'refused', detail: { path: '/', count: 1 } };
    await db.audit.append([entry, { ...entry, kind: 'login', workspaceId: 'acme' }]);
    await db.audit.append([]);
    const pending = await db.audit.pending(10);
    expect(pending).toMatchObject([entry, { kind: 'login', workspaceId: 'acme' }]);
    expect(await db.audit.pending(1)).toHaveLength(1);
    await db.audit.remove(pending.map(({ id }) => id));
    expect(await db.audit.pending(10)).toEqual([]);
  });
});
