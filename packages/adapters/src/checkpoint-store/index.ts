/** Leases, frontiers and state manifests: adapters of the port `CheckpointStore` and the suite they all pass. */
export { openPostgresCheckpointStore, type PostgresCheckpointStore } from './postgres/index.ts';
