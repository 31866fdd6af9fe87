export { openDebeziumChangeStream } from './debeziumChangeStream.ts';
export type { DebeziumChangeStreamOptions } from './options.ts';
