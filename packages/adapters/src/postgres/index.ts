/** What the adapters on PostgreSQL share: pools, transactions, and faults as `AppError`. */

export { sqlStateOf, toAppError } from './faults.ts';
export { type PostgresSource, poolFrom } from './pool.ts';
export { openPostgresProbe, type PostgresProbe } from './postgresProbe.ts';
export { inTransaction, query } from './transaction.ts';
