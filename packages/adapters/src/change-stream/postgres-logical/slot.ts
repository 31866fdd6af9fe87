import pg from 'pg';
import { query } from '../../postgres/index.ts';
import { type Lsn, parseLsn } from './lsn.ts';

/** `lost`: the server gave up keeping the log for the slot; what it missed can't be streamed any more. */
export type SlotState = 'missing' | 'usable' | 'lost';

const STATE = `
  SELECT wal_status, invalidation_reason FROM pg_replication_slots
  WHERE slot_name = $1 AND database = current_database()`;

const RETAINED = `
  SELECT greatest(0, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) AS bytes
  FROM pg_replication_slots WHERE slot_name = $1`;

export async function slotState(pool: pg.Pool, slot: string): Promise<SlotState> {
  const [row] = await query<{ wal_status: string | null; invalidation_reason: string | null }>(
    pool,
    'looking at a replication slot',
    STATE,
    [slot],
  );
  if (row === undefined) return 'missing';
  return row.wal_status === 'lost' || row.invalidation_reason !== null ? 'lost' : 'usable';
}

export async function dropSlot(pool: pg.Pool, slot: string): Promise<void> {
  await query(pool, 'dropping a replication slot', 'SELECT pg_drop_replication_slot($1)', [slot]);
}

/** WAL bytes that the slot keeps the server from dropping; null if it has none. */
export async function retainedWalBytes(pool: pg.Pool, slot: string): Promise<number | null> {
  const [row] = await query<{ bytes: string | null }>(pool, 'looking at a replication slot', RETAINED, [slot]);
  return row === undefined || row.bytes === null ? null : Number(row.bytes);
}

/** A point in the log and the database as it was exactly then. */
export interface ConsistentPoint {
  readonly lsn: Lsn;
  readonly snapshotName: string;
}

/**
 * Creates a slot that ends with the connection, and exports the snapshot of its start, which lasts until the
 * connection's next command.
 */
export async function createTemporarySlot(replication: pg.Client, slot: string): Promise<ConsistentPoint> {
  const name = pg.escapeIdentifier(slot);
  const { rows } = await replication.query<{ consistent_point: string; snapshot_name: string }>(
    `CREATE_REPLICATION_SLOT ${name} TEMPORARY LOGICAL pgoutput (SNAPSHOT 'export')`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the server created a slot without saying where');
  return { lsn: parseLsn(row.consistent_point), snapshotName: row.snapshot_name };
}

/** Makes the lasting slot from the temporary one: only now does the snapshot count as delivered. */
export async function keepSlot(pool: pg.Pool, temporary: string, slot: string): Promise<void> {
  await query(pool, 'keeping a replication slot', 'SELECT pg_copy_logical_replication_slot($1, $2, false)', [
    temporary,
    slot,
  ]);
}
