import { type Db, openDb } from '../db.ts';
import { migrate } from '../migrate/migrate.ts';
import { seed } from '../seed/seed.ts';
import { startTestServer } from './testDatabase.ts';

export interface SeededDb {
  readonly db: Db;
  readonly url: string;
  stop(): Promise<void>;
}

/** A server of its own with a migrated and seeded database. */
export async function openSeededDb(): Promise<SeededDb> {
  const server = await startTestServer();
  const url = await server.emptyDatabase();
  await migrate(url);
  await seed(url, { demoKeys: {} });
  const db = openDb(url);
  return {
    db,
    url,
    async stop() {
      await db.close();
      await server.stop();
    },
  };
}
