import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@ebap/adapters/embedded-postgres';
import pg from 'pg';

/** A throw-away server for one test file. */
export interface TestServer {
  /** Address of a new, empty database. */
  emptyDatabase(): Promise<string>;
  stop(): Promise<void>;
}

export async function startTestServer(): Promise<TestServer> {
  const dir = await mkdtemp(join(tmpdir(), 'ebap-db-'));
  await chmod(dir, 0o755);
  const server = await startEmbeddedPostgres({
    dataDir: join(dir, 'data'),
    sharedDir: dir,
    password: randomUUID(),
    database: 'ebap',
  });
  return {
    async emptyDatabase() {
      const name = `test_${randomUUID().replaceAll('-', '')}`;
      await sql(server.url('postgres'), `CREATE DATABASE ${name}`);
      return server.url(name);
    },
    async stop() {
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** One statement on a connection of its own. */
export async function sql(url: string, text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}
