import { AppError } from '@ebap/pipeline/errors';
import pg from 'pg';
import { query } from '../../postgres/index.ts';
import { type ChangeTable, SCHEMA } from './changeTable.ts';

const IDENTITIES = `
  SELECT c.relname AS name, c.relreplident AS identity, ARRAY(
    SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
    WHERE i.indrelid = c.oid AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END
  ) AS columns
  FROM pg_class c WHERE c.relnamespace = $2::regnamespace AND c.relname = ANY ($1)`;

const PUBLISHED = `
  SELECT tablename AS name, attnames::text[] AS columns,
    (SELECT count(*)::int FROM pg_attribute a
     WHERE a.attrelid = format('%I.%I', schemaname, tablename)::regclass AND a.attnum > 0 AND NOT a.attisdropped) AS total
  FROM pg_publication_tables WHERE pubname = $1`;

interface Identity extends pg.QueryResultRow {
  readonly name: string;
  readonly identity: string;
  readonly columns: readonly string[];
}

interface Published extends pg.QueryResultRow {
  readonly name: string;
  readonly columns: readonly string[];
  readonly total: number;
}

/**
 * Makes the publication hold exactly these tables and columns. True if it had to be made or changed: what the slot
 * has not delivered yet was not filtered by it, and the rows of an added table were never shown.
 * @throws AppError `configuration` when a table is missing or its replica identity doesn't fit.
 */
export async function ensurePublication(pool: pg.Pool, name: string, tables: readonly ChangeTable[]): Promise<boolean> {
  await checkIdentities(pool, tables);
  const { escapeIdentifier: quoted } = pg;
  const wanted = tables
    .map(({ name: table, columns }) => {
      const list = columns === undefined ? '' : ` (${columns.map(quoted).join(', ')})`;
      return `${quoted(SCHEMA)}.${quoted(table)}${list}`;
    })
    .join(', ');
  const doing = 'preparing a publication';
  const found = await query(pool, doing, 'SELECT 1 FROM pg_publication WHERE pubname = $1', [name]);
  if (found.length > 0 && same(tables, await query<Published>(pool, doing, PUBLISHED, [name]))) return false;
  const change =
    found.length === 0 ? `CREATE PUBLICATION ${quoted(name)} FOR` : `ALTER PUBLICATION ${quoted(name)} SET`;
  await query(pool, doing, `${change} TABLE ${wanted}`);
  return true;
}

function same(tables: readonly ChangeTable[], published: readonly Published[]): boolean {
  if (tables.length !== published.length) return false;
  return tables.every(({ name, columns }) => {
    const found = published.find((p) => p.name === name);
    if (found === undefined) return false;
    if (columns === undefined) return found.columns.length === found.total;
    return [...columns].sort().join() === [...found.columns].sort().join();
  });
}

/** A delete shows only the replica identity: without the key's columns in it, it could not be told whose it is. */
async function checkIdentities(pool: pg.Pool, tables: readonly ChangeTable[]): Promise<void> {
  const names = tables.map(({ name }) => name);
  const rows = await query<Identity>(pool, 'reading replica identities', IDENTITIES, [names, SCHEMA]);
  for (const { name, key, columns } of tables) {
    const found = rows.find((row) => row.name === name);
    const wrong = identityFault(found, key, columns);
    if (wrong !== null) throw new AppError('configuration', `The table ${name} can't be published: ${wrong}.`);
  }
}

function identityFault(
  found: Identity | undefined,
  key: readonly string[],
  columns: readonly string[] | undefined,
): string | null {
  if (found === undefined) return 'it does not exist';
  if (found.identity === 'f') return columns === undefined ? null : 'REPLICA IDENTITY FULL excludes a column list';
  const missing = key.find((column) => !found.columns.includes(column));
  if (found.identity === 'n' || missing !== undefined) return 'its replica identity lacks columns of the message key';
  const unpublished = columns && found.columns.find((column) => !columns.includes(column));
  return unpublished === undefined
    ? null
    : `its replica identity has the column ${unpublished}, which is not published`;
}
