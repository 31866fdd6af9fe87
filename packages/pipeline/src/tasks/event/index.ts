/** Counting the events of one partition. */
export type { AddressedPartial } from './cutMessages.ts';
export { EVENT_SOURCES, type EventOutputs, EventTask, type EventTaskConfig } from './eventTask.ts';
export type { RejectedRecord } from './rejectedRecords.ts';
export { onlySchema, type Rewrite, type SchemaVersions, wireSchemaId } from './schemaVersions.ts';
