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

/** The product's tables that other parts follow. E-mail and display name of users never leave the database. */
const PRODUCT_TABLES = {
  users: {
    name: 'users',
    columns: ['workspace_id', 'user_id', 'log_key', 'tier', 'country', 'created_at', 'updated_at'],
    key: ['log_key'],
  },
  regions: { name: 'regions', key: ['code'], keyPrefix: 'regions:' },
  rates: { name: 'rates', key: ['currency', 'valid_from'], keyPrefix: 'rates:' },
  rules: { name: 'rules', key: ['id'], keyPrefix: 'rules:' },
  action_mappings: { name: 'action_mappings', key: ['workspace_id', 'source_name'], keyPrefix: 'action_mappings:' },
  workspaces: { name: 'workspaces', key: ['id'], keyPrefix: 'workspaces:' },
} as const satisfies Readonly<Record<string, ChangeTable>>;

export type ProductTable = keyof typeof PRODUCT_TABLES;

/** A table of the product by its name, or any other with its key spelled out. */
export function changeTable(table: ProductTable | ChangeTable): ChangeTable {
  return typeof table === 'string' ? PRODUCT_TABLES[table] : table;
}

/** The message key of a row. */
export function keyOf(table: ChangeTable, row: RawRow): string {
  return (table.keyPrefix ?? '') + table.key.map((column) => row[column] ?? '').join(':');
}
