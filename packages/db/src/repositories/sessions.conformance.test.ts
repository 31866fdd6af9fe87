import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../index.ts';
import { openSeededDb, type SeededDb } from '../testing/seededDb.ts';
import { sql } from '../testing/testDatabase.ts';

let seeded: SeededDb;
let db: Db;
const limits = { idleMs: 60_000, absoluteMs: 3_600_000 };

beforeAll(async () => {
  seeded = await openSeededDb();
  db = seeded.db;
});
afterAll(() => seeded.stop());

let logins = 0;
const login = (rolesByWorkspace = {}) =>
  db.members.upsertFromLogin({ idpSubject: `subject-${++logins}`, email: 'a@b.example', name: 'A', rolesByWorkspace });

describe('members', () => {
  it('become exactly what the newest login says', async () => {
    const said = { idpSubject: 's', email: 'old@b.example', name: 'Old' };
    const first = await db.members.upsertFromLogin({
      ...said,
      rolesByWorkspace: { meridian: ['admin', 'devops'], acme: ['devops'] },
    });
    const second = await db.members.upsertFromLogin({
      ...said,
      name: 'New',
      rolesByWorkspace: { meridian: ['devops'], nowhere: ['admin'] },
    });
    expect(second).toEqual({ id: first.id, name: 'New', email: 'old@b.example' });
    expect(await db.members.get(first.id)).toEqual(second);
    expect(await db.members.list('meridian')).toContainEqual({ person: second, roles: ['devops'] });
    expect((await db.members.list('acme')).map(({ person }) => person.id)).not.toContain(first.id);
  });

  it('include one demo person per role in both workspaces', async () => {
    const roles = (await db.members.list('acme')).flatMap((member) => member.roles).sort();
    expect(roles).toEqual(['admin', 'customer_support', 'data_analyst', 'devops', 'product_manager']);
  });

  it('are unknown as null', async () => {
    expect(await db.members.get('00000000-0000-4000-8000-000000000000')).toBeNull();
  });
});

describe('many sessions', () => {
  it('are found in the order of their tokens, also unknown, revoked and repeated ones', async () => {
    const person = await login({ meridian: ['admin'] });
    const [first, second] = [
      await db.sessions.create({ personId: person.id, ...limits }),
      await db.sessions.create({ personId: person.id, ...limits }),
    ];
    await db.sessions.revoke(second.sessionId);
    const tokens = [second.token, 'unknown', first.token, '', 'x'.repeat(1_000), first.token];
    const found = await db.sessions.findMany(tokens);
    expect(found).toEqual(await Promise.all(tokens.map((token) => db.sessions.find(token))));
    expect(found.map((one) => (one.kind === 'live' ? one.sessionId : one.reason))).toEqual([
      'revoked',
      'missing',
      first.sessionId,
      'missing',
      'missing',
      first.sessionId,
    ]);
    expect(await db.sessions.findMany([])).toEqual([]);
  });
});

describe('a session', () => {
  it('is found by its token with the person, groups and the memberships of now', async () => {
    const person = await login({ acme: ['devops'], meridian: ['admin', 'data_analyst'] });
    const { token, sessionId } = await db.sessions.create({
      personId: person.id,
      ...limits,
      idpGroups: ['ebap-admins'],
      userAgent: 'x'.repeat(1_000),
      ip: '127.0.0.1',
    });
    expect(await db.sessions.find(token)).toMatchObject({
      kind: 'live',
      sessionId,
      person,
      idpGroups: ['ebap-admins'],
      memberships: [
        { workspace: { id: 'meridian', name: 'Meridian' }, roles: ['admin', 'data_analyst'] },
        { workspace: { id: 'acme', name: 'Acme' }, roles: ['devops'] },
      ],
    });
    await sql(seeded.url, 'DELETE FROM memberships WHERE person_id = $1', [person.id]);
    expect(await db.sessions.find(token)).toMatchObject({ kind: 'live', memberships: [] });
  });

  it('is stored as a hash of its token', async () => {
    const { token, sessionId } = await db.sessions.create({ personId: (await login()).id, ...limits });
    const [row] = await sql(seeded.url, 'SELECT s::text AS row FROM sessions s WHERE id = $1', [sessionId]);
    expect(String(row?.row)).not.toContain(token);
  });

  it.each(['', 'unknown', 'x'.repeat(5_000)])('is missing for another token', async (token) => {
    expect(await db.sessions.find(token)).toEqual({ kind: 'signed_out', reason: 'missing' });
  });

  it('ends when it is revoked, once, and stays ended when touched', async () => {
    const { token, sessionId } = await db.sessions.create({ personId: (await login()).id, ...limits });
    expect(await db.sessions.revoke(sessionId)).toBe(true);
    expect(await db.sessions.revoke(sessionId)).toBe(false);
    await db.sessions.touch(sessionId, limits.idleMs);
    expect(await db.sessions.find(token)).toEqual({ kind: 'signed_out', reason: 'revoked' });
  });

  it('ends with all others of the person, and of nobody else', async () => {
    const [one, other] = [await login(), await login()];
    await db.sessions.create({ personId: one.id, ...limits });
    await db.sessions.create({ personId: one.id, ...limits });
    const kept = await db.sessions.create({ personId: other.id, ...limits });
    expect(await db.sessions.revokeAllOf(one.id)).toBe(2);
    expect(await db.sessions.find(kept.token)).toMatchObject({ kind: 'live' });
  });

  it('ends by its idle limit, which use moves on, up to the absolute one', async () => {
    const { token, sessionId } = await db.sessions.create({ personId: (await login()).id, ...limits });
    await sql(seeded.url, `UPDATE sessions SET last_seen_at = now() - interval '20 seconds' WHERE id = $1`, [
      sessionId,
    ]);
    await db.sessions.touch(sessionId, 2 * limits.absoluteMs);
    const moved = await db.sessions.find(token);
    expect(moved.kind === 'live' && moved.idleExpiresAtMs === moved.absoluteExpiresAtMs).toBe(true);
    await sql(seeded.url, `UPDATE sessions SET idle_expires_at = now() WHERE id = $1`, [sessionId]);
    expect(await db.sessions.find(token)).toEqual({ kind: 'signed_out', reason: 'expired' });
  });

  it('is not written again within 15 s of its last use', async () => {
    const { token, sessionId } = await db.sessions.create({ personId: (await login()).id, ...limits });
    const before = await db.sessions.find(token);
    await db.sessions.touch(sessionId, 2 * limits.idleMs);
    expect(await db.sessions.find(token)).toEqual(before);
  });

  it('is forgotten 30 days after its end', async () => {
    const { token, sessionId } = await db.sessions.create({ personId: (await login()).id, ...limits });
    await sql(seeded.url, `UPDATE sessions SET idle_expires_at = now() - interval '31 days' WHERE id = $1`, [
      sessionId,
    ]);
    expect(await db.sessions.purge()).toBe(1);
    expect(await db.sessions.find(token)).toEqual({ kind: 'signed_out', reason: 'missing' });
  });
});
