/** History of Avro schemas: adapters of the port `SchemaRegistry`, the rules of compatibility, and their suite. */
export { canonicalSchema, compatibilityFaults, parseSchema } from './avro/index.ts';
export { openPostgresSchemaRegistry, type PostgresSchemaRegistry } from './postgres/index.ts';
