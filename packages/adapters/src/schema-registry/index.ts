/** History of Avro schemas: adapters of the port `SchemaRegistry`, the rules of compatibility, and their suite. */
export { canonicalSchema, compatibilityFaults, parseSchema } from './avro/index.ts';
export { type ConfluentSchemaRegistryOptions, openConfluentSchemaRegistry } from './confluent/index.ts';
export { openPostgresSchemaRegistry, type PostgresSchemaRegistry } from './postgres/index.ts';
export { openSchemaVersions, type SchemaVersionsOptions } from './schemaVersions.ts';
