export { openPostgresSchemaRegistry, type PostgresSchemaRegistry } from './postgresSchemaRegistry.ts';
