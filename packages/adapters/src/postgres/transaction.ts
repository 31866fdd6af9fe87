import type pg from 'pg';
import { toAppError } from './faults.ts';

/**
 * One statement outside a transaction.
 * @throws AppError, see `toAppError`.
 */
export async function query<Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  doing: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  try {
    const { rows } = await pool.query<Row>(sql, [...values]);
    return rows;
  } catch (error) {
    throw toAppError(error, doing);
  }
}

/**
 * Runs `work` in one READ COMMITTED transaction. `unavailable` means an unknown outcome: the connection may have
 * gone after the server committed.
 * @throws AppError, see `toAppError`; what `work` throws rolls back.
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  doing: string,
  work: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  let client: pg.PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    throw toAppError(error, doing);
  }
  let broken: Error | undefined;
  // A connection lost between two statements is reported by the next one; unheard, it would end the process.
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on('error', onError);
  try {
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    broken ??= await rollback(client);
    throw toAppError(error, doing);
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** Undefined if the connection is fit for more; otherwise the pool must drop it. */
async function rollback(client: pg.ClientBase): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
