/** Changes of tables as records on a topic: adapters of the port `ChangeStream` and the suite they all pass. */
export { type DebeziumChangeStreamOptions, openDebeziumChangeStream } from './debezium/index.ts';
export {
  type ChangeTable,
  openPostgresChangeStream,
  type PostgresChangeStream,
  type PostgresChangeStreamOptions,
  type ProductTable,
} from './postgres-logical/index.ts';
