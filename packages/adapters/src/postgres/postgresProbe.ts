import { AppError } from '@ebap/pipeline/errors';
import pg from 'pg';

/** Finds out whether a database answers, over a connection of its own. */
export interface PostgresProbe {
  /** Resolves when the database answers within the bound. @throws AppError `unavailable` */
  probe(): Promise<void>;
  close(): Promise<void>;
}

/** @param boundMs of connecting, and of the answer */
export function openPostgresProbe(url: string, boundMs: number): PostgresProbe {
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
    connectionTimeoutMillis: boundMs,
    query_timeout: boundMs,
    application_name: 'ebap-watch',
  });
  // The pool drops a broken idle connection by itself; without a listener the process would end.
  pool.on('error', () => {});
  return {
    probe: async () => {
      try {
        await pool.query('SELECT 1');
      } catch (cause) {
        throw new AppError('unavailable', cause instanceof Error ? cause.message : String(cause), {
          retryable: true,
          cause,
        });
      }
    },
    close: () => pool.end(),
  };
}
