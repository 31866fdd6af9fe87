export { type ChangeTable, REFERENCE_TABLES, USERS_TABLES } from './changeTable.ts';
export { openPostgresChangeStream, type PostgresChangeStreamOptions } from './postgresChangeStream.ts';
