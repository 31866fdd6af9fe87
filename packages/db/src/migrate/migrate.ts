import { randomUUID } from 'node:crypto';
import { AppError } from '@ebap/pipeline/errors';
import pg from 'pg';
import { type Migration, migrationsDir, readMigrations } from './migrationFiles.ts';

export interface MigrateOptions {
  /** Folder of the migrations; the product's own by default. */
  readonly dir?: string;
}

interface RecordedMigration {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

/** The lock that Prisma's own migrate takes, so that the two exclude each other. */
const MIGRATE_LOCK = 72_707_369;

// As Prisma creates it, so that its tools understand the database.
const CREATE_RECORD = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id varchar(36) PRIMARY KEY NOT NULL,
    checksum varchar(64) NOT NULL,
    finished_at timestamptz,
    migration_name varchar(255) NOT NULL,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz NOT NULL DEFAULT now(),
    applied_steps_count integer NOT NULL DEFAULT 0
  )`;

const READ_RECORD = `
  SELECT migration_name, checksum, finished_at IS NOT NULL AS finished
  FROM _prisma_migrations WHERE rolled_back_at IS NULL`;

const RECORD = `
  INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
  VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`;

/**
 * Brings the database's tables up to date and returns the names of the migrations it applied (none when up to date).
 * Each migration is one transaction with its record; processes that migrate at once wait for each other.
 * @throws AppError `configuration` when an applied migration was edited or stopped half-way, `unsupported_version`
 *   when the database was migrated by a newer version, `unavailable` when it cannot be reached, `internal` when a
 *   migration fails (its transaction is rolled back).
 */
export async function migrate(url: string, options: MigrateOptions = {}): Promise<readonly string[]> {
  const migrations = await readMigrations(options.dir ?? migrationsDir());
  const client = new pg.Client({ connectionString: url, application_name: 'ebap-migrate' });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (cause) {
    throw new AppError('unavailable', 'The database cannot be reached to migrate it.', { cause, retryable: true });
  }
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATE_LOCK]);
    await client.query('SET client_min_messages = warning');
    await client.query(CREATE_RECORD);
    const { rows } = await client.query<RecordedMigration>(READ_RECORD);
    const pending = pendingMigrations(migrations, rows);
    for (const migration of pending) await apply(client, migration);
    return pending.map(({ name }) => name);
  } finally {
    // Ending the connection gives the lock back.
    await client.end();
  }
}

/** What is left to apply; refuses a record that these migrations cannot have made. */
function pendingMigrations(migrations: readonly Migration[], record: readonly RecordedMigration[]): Migration[] {
  const byName = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const recorded of record) {
    const { migration_name: name, checksum, finished } = recorded;
    const migration = byName.get(name);
    if (migration === undefined) {
      throw new AppError('unsupported_version', `The database has migration ${name}, which this version lacks.`);
    }
    if (!finished) throw new AppError('configuration', `Migration ${name} was started and never finished.`);
    if (migration.checksum !== checksum) {
      throw new AppError('configuration', `Migration ${name} was edited after it was applied: add a new one instead.`);
    }
    byName.delete(name);
  }
  return [...byName.values()];
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(migration.sql);
    await client.query(RECORD, [randomUUID(), migration.checksum, migration.name]);
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => {});
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('internal', `Migration ${migration.name} failed: ${detail}`, { cause });
  }
}
