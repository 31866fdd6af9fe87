export { openPostgresCheckpointStore, type PostgresCheckpointStore } from './postgresCheckpointStore.ts';
