export { type ChangeTable, changeTable, type ProductTable, SCHEMA } from './changeTable.ts';
export { EnvelopeWriter } from './envelope.ts';
export { LiveKeys } from './liveKeys.ts';
export { parseLsn } from './lsn.ts';
export {
  openPostgresChangeStream,
  type PostgresChangeStream,
  type PostgresChangeStreamOptions,
} from './postgresChangeStream.ts';
