import pg from 'pg';

/** Where the database is: an address, or a pool that the caller owns and ends. */
export type PostgresSource = { readonly url: string } | { readonly pool: pg.Pool };

const MAX_CONNECTIONS = 4;
const CONNECT_TIMEOUT_MS = 5_000;
/** The server gives up on a statement first, then the driver: a call always ends. */
const STATEMENT_TIMEOUT_MS = 20_000;
const ANSWER_TIMEOUT_MS = 25_000;
/** A client that vanished without a word holds its row locks for so long: shorter than a rerun's statement waits. */
const IDLE_TRANSACTION_TIMEOUT_MS = 5_000;

/** A pool for the source, and how to let go of it: a pool that was given stays open. */
export function poolFrom(source: PostgresSource): { readonly pool: pg.Pool; close(): Promise<void> } {
  if ('pool' in source) return { pool: source.pool, close: async () => {} };
  const pool = new pg.Pool({
    connectionString: source.url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
  });
  // The pool drops a broken idle connection by itself; without a listener the process would end.
  pool.on('error', () => {});
  return { pool, close: () => pool.end() };
}
