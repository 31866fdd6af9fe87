export type { ChangeTable, ProductTable } from './changeTable.ts';
export { openPostgresChangeStream, type PostgresChangeStreamOptions } from './postgresChangeStream.ts';
