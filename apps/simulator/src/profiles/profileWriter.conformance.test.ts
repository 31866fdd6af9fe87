import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@ebap/adapters/embedded-postgres';
import { migrate, seed } from '@ebap/db';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Profile, ProfileChange } from '../model/index.ts';
import { readKnownProfiles } from './knownProfiles.ts';
import { type ProfileCounts, ProfileWriter } from './profileWriter.ts';

let folder = '';
let server: EmbeddedPostgres;
let url = '';
let pool: pg.Pool;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ebap-profiles-'));
  await chmod(folder, 0o755);
  server = await startEmbeddedPostgres({
    dataDir: join(folder, 'data'),
    sharedDir: folder,
    password: randomUUID(),
    database: 'ebap',
  });
  url = server.url('ebap');
  pool = new pg.Pool({ connectionString: url, max: 1 });
  // The server may say goodbye to a connection that is just being closed.
  pool.on('error', () => undefined);
  pool.on('connect', (connection) => connection.on('error', () => undefined));
  await migrate(url);
  await seed(url, { demoKeys: {} });
});
afterAll(async () => {
  await pool.end();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => pool.query('DELETE FROM users'));

const profile = (n: number, over: Partial<Profile> = {}): Profile => ({
  workspace: 'meridian',
  userId: `u-${n}`,
  email: `u${n}@example.com`,
  displayName: `User ${n}`,
  tier: 'free',
  country: 'DE',
  ...over,
});
const change = (kind: 'signed_up' | 'tier_changed' | 'moved', p: Profile): ProfileChange => ({
  kind,
  timeMs: 0,
  profile: p,
});
const gone = (p: Profile): ProfileChange => ({ kind: 'deleted', timeMs: 0, profile: p });

async function users(): Promise<unknown[]> {
  const { rows } = await pool.query('SELECT log_key, tier, country FROM users ORDER BY log_key');
  return rows.map((r) => `${r.log_key} ${r.tier} ${r.country}`);
}

/** Waits for the condition; the limit only ends what would never come. */
const until = (condition: () => boolean | Promise<boolean>) =>
  vi.waitUntil(condition, { timeout: 30_000, interval: 20 });

const keyOf = ({ workspace, userId }: Pick<Profile, 'workspace' | 'userId'>): string => `${workspace}:${userId}`;

async function areThere(residents: readonly Profile[]): Promise<boolean> {
  const keys = residents.map(keyOf);
  const { rows } = await pool.query('SELECT count(*)::int AS count FROM users WHERE log_key = ANY($1)', [keys]);
  return rows[0]?.count === residents.length;
}

/** Writes all of it and closes. Changes are written after the residents, so their count tells the end. */
async function write(residents: readonly Profile[], changes: readonly ProfileChange[]): Promise<ProfileWriter> {
  const writer = new ProfileWriter({ url, onTrouble: () => undefined });
  for (const c of changes) writer.put(c);
  writer.start(residents);
  const people = new Set(changes.map((c) => keyOf(c.profile))).size;
  const done = ({ signedUp, changed, deleted }: ProfileCounts) => signedUp + changed + deleted === people;
  await until(() => (people > 0 ? done(writer.counts) : areThere(residents)));
  await writer.close();
  return writer;
}

describe('the writer of profiles', () => {
  it('leaves what the next run reads back, and nothing of people who are not shoppers', async () => {
    await write([profile(1), profile(2)], [change('tier_changed', profile(1, { tier: 'gold' })), gone(profile(2))]);
    await write([profile(3, { userId: 'grace' }), profile(4, { workspace: 'acme' })], []);
    const known = await readKnownProfiles(url, new AbortController().signal, () => undefined);
    expect(known.get('meridian')).toMatchObject([{ userId: 'u-1', tier: 'gold', country: 'DE' }]);
    expect(known.get('acme')).toMatchObject([{ userId: 'u-4', tier: 'free' }]);
  });

  it('writes the accounts that exist at the start in blocks, in both workspaces', async () => {
    const all = Array.from({ length: 1_200 }, (_, i) => profile(i, { workspace: i % 2 === 0 ? 'meridian' : 'acme' }));
    await write(all, []);
    expect((await users()).length).toBe(1_200);
  });

  it('leaves rows that are there already as they are', async () => {
    await write([profile(1, { tier: 'gold' })], []);
    await write([profile(1), profile(2)], []);
    expect(await users()).toEqual(['meridian:u-1 gold DE', 'meridian:u-2 free DE']);
  });

  it('writes sign-ups, upgrades, moves and deletions, the last change of a person counting', async () => {
    const writer = await write(
      [profile(1), profile(2), profile(3)],
      [
        change('tier_changed', profile(1, { tier: 'silver' })),
        change('tier_changed', profile(1, { tier: 'gold' })),
        change('moved', profile(2, { country: 'SE' })),
        gone(profile(3)),
        change('signed_up', profile(4)),
      ],
    );
    expect(await users()).toEqual(['meridian:u-1 gold DE', 'meridian:u-2 free SE', 'meridian:u-4 free DE']);
    expect(writer.counts).toEqual({ signedUp: 1, changed: 2, deleted: 1 });
  });

  it('touches nobody of the same id in another workspace', async () => {
    await write([profile(1), profile(1, { workspace: 'acme' })], [gone(profile(1))]);
    expect(await users()).toEqual(['acme:u-1 free DE']);
  });

  it('waits for the database and says so once', async () => {
    const troubles: unknown[] = [];
    let tries = 0;
    const closed = createServer((socket) => {
      tries++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    // A server that listens on a port has an address of this shape.
    const { port } = closed.address() as AddressInfo;
    const writer = new ProfileWriter({ url: url.replace(/:\d+\//, `:${port}/`), onTrouble: (e) => troubles.push(e) });
    writer.start([profile(1)]);
    await until(() => tries >= 3);
    await writer.close();
    closed.close();
    expect(troubles.length).toBe(1);
  });
});
