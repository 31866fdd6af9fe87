import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db, KeyEncryptionKeys } from '../index.ts';
import { openSeededDb, type SeededDb } from '../testing/seededDb.ts';
import { sql } from '../testing/testDatabase.ts';

let seeded: SeededDb;
let db: Db;
const first = randomBytes(32);
const second = randomBytes(32);
const keks: KeyEncryptionKeys = { currentVersion: 1, keys: new Map([[1, first]]) };

beforeAll(async () => {
  seeded = await openSeededDb();
  db = seeded.db;
});
afterAll(() => seeded.stop());

const keysOf = async (workspaceId: string, userIds: readonly string[], ring = keks) =>
  (await db.subjectKeys.getOrCreateMany(workspaceId, userIds, ring)).keys;

describe('subject keys', () => {
  it('are made once and stay the same', async () => {
    const made = await keysOf('acme', ['a', 'b', 'a']);
    expect(made.size).toBe(2);
    expect(made.get('a')?.key).toHaveLength(32);
    const again = await keysOf('acme', ['b', 'a', 'c']);
    for (const [userId, key] of made) expect(again.get(userId)).toEqual(key);
    expect(await keysOf('acme', [])).toEqual(new Map());
  });

  it('differ between users and between workspaces', async () => {
    const acme = await keysOf('acme', ['x', 'y']);
    const meridian = await keysOf('meridian', ['x']);
    const keys = [acme.get('x'), acme.get('y'), meridian.get('x')].map((found) => found?.key.toString('hex'));
    expect(new Set(keys).size).toBe(3);
  });

  it('are the same for callers that create them at once', async () => {
    const ids = Array.from({ length: 200 }, (_, i) => `race-${i}`);
    const all = await Promise.all(
      [ids, ids.toReversed(), ids, ids.toReversed(), ids, ids].map((order) => keysOf('acme', order)),
    );
    const [one] = all;
    for (const other of all) {
      expect(other.size).toBe(200);
      for (const [id, { keyId, key }] of other) expect(one?.get(id)).toEqual({ keyId, key });
    }
  });

  it('never lie in the database in the clear', async () => {
    const made = await keysOf('acme', ['secret']);
    const rows = await sql(seeded.url, `SELECT wrapped_key FROM subject_keys WHERE user_id = 'secret'`);
    const [wrapped] = rows.map((row) => row.wrapped_key);
    expect(wrapped).toBeInstanceOf(Buffer);
    if (wrapped instanceof Buffer) expect(wrapped.includes(made.get('secret')?.key ?? '')).toBe(false);
  });

  it('stay readable when the key-encryption key is rotated, as long as the old one is known', async () => {
    const made = await keysOf('acme', ['old']);
    const rotated: KeyEncryptionKeys = {
      currentVersion: 2,
      keys: new Map([
        [1, first],
        [2, second],
      ]),
    };
    expect(await keysOf('acme', ['old'], rotated)).toEqual(made);
    await keysOf('acme', ['new'], rotated);
    await expect(keysOf('acme', ['new'])).rejects.toMatchObject({ code: 'configuration' });
    const wrong: KeyEncryptionKeys = { currentVersion: 1, keys: new Map([[1, second]]) };
    await expect(keysOf('acme', ['old'], wrong)).rejects.toMatchObject({ code: 'corrupt_data' });
  });

  it("do not open in another user's row", async () => {
    await keysOf('acme', ['victim', 'thief']);
    await sql(
      seeded.url,
      `UPDATE subject_keys SET wrapped_key = (SELECT wrapped_key FROM subject_keys WHERE user_id = 'victim')
       WHERE user_id = 'thief'`,
    );
    await expect(keysOf('acme', ['thief'])).rejects.toMatchObject({ code: 'corrupt_data' });
  });

  it('are gone for good after an erasure, in that workspace alone', async () => {
    const kept = await keysOf('meridian', ['gone']);
    await keysOf('acme', ['gone']);
    expect(await db.subjectKeys.destroy('acme', 'gone', 'admin')).toBe(true);
    expect(await db.subjectKeys.destroy('acme', 'gone', 'admin')).toBe(false);
    const found = await db.subjectKeys.getOrCreateMany('acme', ['gone', 'here'], keks);
    expect([...found.erased]).toEqual(['gone']);
    expect([...found.keys.keys()]).toEqual(['here']);
    expect(await keysOf('meridian', ['gone'])).toEqual(kept);
  });

  it('are refused to users erased before they had one, and to those a restored backup brings back', async () => {
    await db.subjectKeys.destroy('acme', 'never-seen', 'admin');
    await keysOf('acme', ['restored']);
    await sql(
      seeded.url,
      `INSERT INTO erasure_ledger (workspace_id, user_id, requested_by) VALUES ('acme', 'restored', 'admin')`,
    );
    const found = await db.subjectKeys.getOrCreateMany('acme', ['never-seen', 'restored'], keks);
    expect([...found.erased].sort()).toEqual(['never-seen', 'restored']);
    await db.subjectKeys.destroy('acme', 'restored', 'replay');
    const rows = await sql(seeded.url, `SELECT wrapped_key FROM subject_keys WHERE user_id = 'restored'`);
    expect(rows).toEqual([{ wrapped_key: null }]);
  });

  it('race with an erasure without leaving a key behind', async () => {
    const ids = Array.from({ length: 30 }, (_, i) => `torn-${i}`);
    await Promise.all(ids.flatMap((id) => [keysOf('acme', [id]), db.subjectKeys.destroy('acme', id, 'admin')]));
    const rows = await sql(
      seeded.url,
      `SELECT count(*)::int AS n FROM subject_keys WHERE user_id LIKE 'torn-%' AND wrapped_key IS NOT NULL`,
    );
    expect(rows).toEqual([{ n: 0 }]);
  });
});
