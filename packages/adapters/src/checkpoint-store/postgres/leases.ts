import type { Lease } from '@ebap/pipeline/ports';
import type pg from 'pg';
import { query } from '../../postgres/index.ts';

export interface Holder {
  readonly partition: number;
  readonly owner: string;
  readonly epoch: number;
  readonly expiresInMs: number;
}

// A row is never deleted: it remembers the epoch, which only grows. A released lease has expired for ever ('-infinity'),
// so it can't be renewed; one that merely ran out can, as long as nobody took it.
const ACQUIRE = `
  INSERT INTO task_leases AS held (task, partition, epoch, owner, expires_at)
  VALUES ($1, $2, 1, $3, clock_timestamp() + $4 * interval '1 millisecond')
  ON CONFLICT (task, partition) DO UPDATE
    SET epoch = held.epoch + 1, owner = $3, expires_at = clock_timestamp() + $4 * interval '1 millisecond'
    WHERE held.expires_at <= clock_timestamp() OR held.owner = $3
  RETURNING epoch`;

// Rows are locked in the order of the key, so that two callers with the same leases can't deadlock.
const RENEW = `
  WITH mine AS (
    SELECT held.task, held.partition
    FROM task_leases AS held
    JOIN unnest($1::text[], $2::int[], $3::bigint[], $4::text[]) AS l (task, partition, epoch, owner)
      USING (task, partition, epoch, owner)
    WHERE held.expires_at > '-infinity'
    ORDER BY held.task, held.partition
    FOR UPDATE OF held
  )
  UPDATE task_leases AS held
  SET expires_at = clock_timestamp() + $5 * interval '1 millisecond'
  FROM mine
  WHERE held.task = mine.task AND held.partition = mine.partition
  RETURNING held.task, held.partition, held.epoch`;

const RELEASE = `
  UPDATE task_leases SET expires_at = '-infinity'
  WHERE task = $1 AND partition = $2 AND owner = $3 AND epoch = $4`;

const HOLDERS = `
  SELECT partition, owner, epoch, extract(epoch FROM expires_at - clock_timestamp()) * 1000 AS expires_in_ms
  FROM task_leases
  WHERE task = $1 AND expires_at > clock_timestamp()
  ORDER BY partition`;

/** The next epoch of the lease, or null while another owner holds it. An owner may take its own again. */
export async function acquire(
  pool: pg.Pool,
  task: string,
  partition: number,
  owner: string,
  ttlMs: number,
): Promise<Lease | null> {
  const [row] = await query<{ epoch: string }>(pool, 'taking a lease', ACQUIRE, [task, partition, owner, ttlMs]);
  return row === undefined ? null : { task, partition, owner, epoch: Number(row.epoch) };
}

/** Renews all in one statement; returns those that are lost. */
export async function renew(pool: pg.Pool, leases: readonly Lease[], ttlMs: number): Promise<readonly Lease[]> {
  if (leases.length === 0) return [];
  const rows = await query<{ task: string; partition: number; epoch: string }>(pool, 'renewing leases', RENEW, [
    leases.map((l) => l.task),
    leases.map((l) => l.partition),
    leases.map((l) => l.epoch),
    leases.map((l) => l.owner),
    ttlMs,
  ]);
  const kept = new Set(rows.map((r) => `${r.task}/${r.partition}/${r.epoch}`));
  return leases.filter((l) => !kept.has(`${l.task}/${l.partition}/${l.epoch}`));
}

export async function release(pool: pg.Pool, lease: Lease): Promise<void> {
  await query(pool, 'releasing a lease', RELEASE, [lease.task, lease.partition, lease.owner, lease.epoch]);
}

export async function holders(pool: pg.Pool, task: string): Promise<readonly Holder[]> {
  const rows = await query<{ partition: number; owner: string; epoch: string; expires_in_ms: string }>(
    pool,
    'listing lease holders',
    HOLDERS,
    [task],
  );
  return rows.map((r) => ({
    partition: r.partition,
    owner: r.owner,
    epoch: Number(r.epoch),
    expiresInMs: Number(r.expires_in_ms),
  }));
}
