import { appendFile, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sql, startTestServer, type TestServer } from '../testing/testDatabase.ts';
import { migrate } from './migrate.ts';
import { migrationsDir, readMigrations } from './migrationFiles.ts';

let server: TestServer;
let url = '';
let dir = '';
let all: string[] = [];

beforeAll(async () => {
  server = await startTestServer();
  all = (await readMigrations(migrationsDir())).map(({ name }) => name);
});
afterAll(() => server.stop());
beforeEach(async () => {
  url = await server.emptyDatabase();
  dir = await mkdtemp(join(tmpdir(), 'ebap-migrations-'));
  await cp(migrationsDir(), dir, { recursive: true });
  return () => rm(dir, { recursive: true, force: true });
});

async function addMigration(name: string, text: string): Promise<void> {
  await mkdir(join(dir, name));
  await writeFile(join(dir, name, 'migration.sql'), text);
}

describe('migrate', () => {
  it('makes the tables once, and nothing the second time', async () => {
    expect(await migrate(url)).toEqual(all);
    expect(await migrate(url)).toEqual([]);
    const [row] = await sql(url, `SELECT count(*)::int AS n FROM users`);
    expect(row).toEqual({ n: 0 });
  });

  it('lets two processes migrate at once: one does, the other waits', async () => {
    const done = await Promise.all([migrate(url), migrate(url), migrate(url)]);
    expect(done.flat()).toEqual(all);
  });

  it('applies a later migration to a database that has the earlier ones', async () => {
    await migrate(url, { dir });
    await addMigration('20990101000000_later', 'CREATE TABLE later (id int);');
    expect(await migrate(url, { dir })).toEqual(['20990101000000_later']);
  });

  it('refuses a migration that was edited after it was applied', async () => {
    await migrate(url, { dir });
    await appendFile(join(dir, '20260901000000_spine', 'migration.sql'), '-- edited\n');
    await expect(migrate(url, { dir })).rejects.toMatchObject({ code: 'configuration' });
  });

  it('refuses a database that a newer version migrated', async () => {
    await addMigration('20990101000000_later', 'CREATE TABLE later (id int);');
    await migrate(url, { dir });
    await expect(migrate(url)).rejects.toMatchObject({ code: 'unsupported_version' });
  });

  it('rolls a failing migration back whole, keeps those before it, and can be run again', async () => {
    await addMigration('20990101000000_broken', 'CREATE TABLE half (id int); SELECT nonsense;');
    await expect(migrate(url, { dir })).rejects.toMatchObject({ code: 'internal' });
    const [tables] = await sql(url, `SELECT to_regclass('half') AS half, to_regclass('users') IS NOT NULL AS users`);
    expect(tables).toEqual({ half: null, users: true });
    await writeFile(join(dir, '20990101000000_broken', 'migration.sql'), 'CREATE TABLE half (id int);');
    expect(await migrate(url, { dir })).toEqual(['20990101000000_broken']);
  });

  it('says when the database cannot be reached', async () => {
    await expect(migrate('postgres://nobody:x@127.0.0.1:1/none')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('gives tables for change capture a replica identity that survives a change of the key', async () => {
    await migrate(url);
    const rows = await sql(
      url,
      `SELECT relname FROM pg_class
       WHERE relreplident IN ('f', 'i') AND relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
    );
    const names = rows.map(({ relname }) => relname);
    expect(names).toEqual(['action_mappings', 'rates', 'regions', 'rules', 'users', 'workspaces']);
  });

  it('fills the log key of a user whatever the writer says', async () => {
    await migrate(url);
    await sql(url, `INSERT INTO workspaces (id, name, currency, zone) VALUES ('w', 'W', 'EUR', 'UTC')`);
    const rows = await sql(
      url,
      `INSERT INTO users (workspace_id, user_id, log_key) VALUES ('w', 'a:b', 'forged') RETURNING log_key`,
    );
    expect(rows).toEqual([{ log_key: 'w:a:b' }]);
  });
});
