/** A table whose changes are published. Tables live in the schema `public`. */
export interface ChangeTable {
  readonly name: string;
  /** The only columns that leave the database; all if omitted. */
  readonly columns?: readonly string[];
  /** Columns of the message key, joined by `:`; they must be part of the table's replica identity. */
  readonly key: readonly string[];
  /** Put before the message key. */
  readonly keyPrefix?: string;
}

/** Values of a row as PostgreSQL prints them; undefined for what was not sent (unchanged out-of-line values). */
export type RawRow = Readonly<Record<string, string | null | undefined>>;

export const SCHEMA = 'public';

/** Profiles, for `ebap.cdc.users`. E-mail and display name never leave the database. */
export const USERS_TABLES: readonly ChangeTable[] = [
  {
    name: 'users',
    columns: ['workspace_id', 'user_id', 'log_key', 'tier', 'country', 'created_at', 'updated_at'],
    key: ['log_key'],
  },
];

/** Reference data, for `ebap.cdc.reference`. */
export const REFERENCE_TABLES: readonly ChangeTable[] = [
  { name: 'regions', key: ['code'], keyPrefix: 'regions:' },
  { name: 'rates', key: ['currency', 'valid_from'], keyPrefix: 'rates:' },
  { name: 'rules', key: ['id'], keyPrefix: 'rules:' },
  { name: 'action_mappings', key: ['workspace_id', 'source_name'], keyPrefix: 'action_mappings:' },
  { name: 'workspaces', key: ['id'], keyPrefix: 'workspaces:' },
];

/** The message key of a row. */
export function keyOf(table: ChangeTable, row: RawRow): string {
  return (table.keyPrefix ?? '') + table.key.map((column) => row[column] ?? '').join(':');
}
