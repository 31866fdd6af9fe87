import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Migration {
  /** `<timestamp>_<name>`: the order of names is the order of migrations. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, in hex, as Prisma records it. */
  readonly checksum: string;
}

/** Folder of the product's own migrations. Asked for when needed: a bundled module has no folder. */
export function migrationsDir(): string {
  return join(import.meta.dirname, '..', '..', 'prisma', 'migrations');
}

/** Reads `<dir>/<name>/migration.sql` of all migrations, in order. */
export async function readMigrations(dir: string): Promise<readonly Migration[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(dir, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}
