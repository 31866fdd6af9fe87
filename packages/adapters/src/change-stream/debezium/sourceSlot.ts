import type pg from 'pg';
import { query } from '../../postgres/index.ts';

/** A replication slot as the source shows it to any role. */
export type SourceSlot =
  | { readonly kind: 'missing' }
  | {
      /** `lost`: the server gave up keeping the log for the slot; what it missed can't be streamed any more. */
      readonly kind: 'usable' | 'lost';
      /** Somebody streams from it. */
      readonly isActive: boolean;
      /** Write-ahead log that the server keeps for it; null if it keeps none. */
      readonly retainedBytes: number | null;
    };

/** What the stream needs of the source. */
export interface SourceState {
  readonly slot: SourceSlot;
  readonly hasPublication: boolean;
}

const PUBLICATION = 'SELECT 1 FROM pg_publication WHERE pubname = $1';
const SLOT = `
  SELECT wal_status, active, greatest(0, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) AS bytes
  FROM pg_replication_slots WHERE slot_name = $1 AND database = current_database()`;

interface SlotRow extends pg.QueryResultRow {
  readonly wal_status: string | null;
  readonly active: boolean;
  readonly bytes: string | null;
}

/** @throws AppError, see `toAppError`. */
export async function sourceState(pool: pg.Pool, slot: string, publication: string): Promise<SourceState> {
  const found = await query(pool, 'looking for a publication', PUBLICATION, [publication]);
  return { slot: await sourceSlot(pool, slot), hasPublication: found.length > 0 };
}

/** @throws AppError, see `toAppError`. */
export async function sourceSlot(pool: pg.Pool, slot: string): Promise<SourceSlot> {
  const [row] = await query<SlotRow>(pool, 'looking at a replication slot', SLOT, [slot]);
  if (row === undefined) return { kind: 'missing' };
  return {
    kind: row.wal_status === 'lost' ? 'lost' : 'usable',
    isActive: row.active,
    retainedBytes: row.bytes === null ? null : Number(row.bytes),
  };
}
