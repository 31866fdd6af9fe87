export type { ChangeTable, ProductTable } from './changeTable.ts';
export {
  openPostgresChangeStream,
  type PostgresChangeStream,
  type PostgresChangeStreamOptions,
} from './postgresChangeStream.ts';
