import { randomUUID } from 'node:crypto';
import type { Checkpoint, CheckpointCommit, CheckpointStore, CommitResult, Lease } from '@ebap/pipeline/ports';
import type pg from 'pg';
import { inTransaction, type PostgresSource, poolFrom, query } from '../../postgres/index.ts';
import { commitIn } from './commit.ts';
import * as leases from './leases.ts';
import { sweepableIn } from './sweep.ts';

export interface PostgresCheckpointStore extends CheckpointStore {
  /** Ends the connections it opened; a pool that was given stays open. */
  close(): Promise<void>;
}

const OPEN_INTENT = `
  WITH intent AS (
    INSERT INTO checkpoint_intents (id, task, partition, epoch, opened_at, state)
    VALUES ($1, $2, $3, $4, clock_timestamp(), 'open') RETURNING id)
  INSERT INTO intent_files (intent_id, name) SELECT intent.id, f.name FROM intent, unnest($5::text[]) AS f (name)`;

const LOAD = `
  SELECT frontier, manifest, epoch, commit_id, extract(epoch FROM committed_at) * 1000 AS committed_at_ms
  FROM checkpoints WHERE task = $1 AND partition = $2`;

// What `commitIn` wrote: typed there, read back as it was.
interface CheckpointRow {
  readonly frontier: Checkpoint['frontier'];
  readonly manifest: Checkpoint['manifest'];
  readonly epoch: string;
  readonly commit_id: string;
  readonly committed_at_ms: string;
}

/**
 * Leases and checkpoints in PostgreSQL, on the tables of the product's migrations. All times are the database's.
 * Opens connections when they are needed: a database that is down makes calls fail, not this function.
 */
export function openPostgresCheckpointStore(source: PostgresSource): PostgresCheckpointStore {
  const { pool, close } = poolFrom(source);
  return {
    acquireLease: (task, partition, owner, ttlMs) => leases.acquire(pool, task, partition, owner, ttlMs),
    renewLeases: (held, ttlMs) => leases.renew(pool, held, ttlMs),
    releaseLease: (lease) => leases.release(pool, lease),
    holders: (task) => leases.holders(pool, task),
    load: (task, partition) => load(pool, task, partition),
    openIntent: (lease, files) => openIntent(pool, lease, files),
    commit: (commit) => commitCheckpoint(pool, commit),
    sweepable: () => inTransaction(pool, 'collecting files to sweep', sweepableIn),
    async swept(names) {
      await query(pool, 'forgetting swept files', 'DELETE FROM sweep_list WHERE name = ANY ($1)', [[...names]]);
    },
    close,
  };
}

async function load(pool: pg.Pool, task: string, partition: number): Promise<Checkpoint | null> {
  const [row] = await query<CheckpointRow & pg.QueryResultRow>(pool, 'loading a checkpoint', LOAD, [task, partition]);
  if (row === undefined) return null;
  return {
    frontier: row.frontier,
    manifest: row.manifest,
    epoch: Number(row.epoch),
    commitId: row.commit_id,
    committedAtMs: Number(row.committed_at_ms),
  };
}

async function openIntent(pool: pg.Pool, lease: Lease, files: readonly string[]): Promise<string> {
  const id = randomUUID();
  const names = [...new Set(files)];
  await query(pool, 'opening an intent', OPEN_INTENT, [id, lease.task, lease.partition, lease.epoch, names]);
  return id;
}

function commitCheckpoint(pool: pg.Pool, commit: CheckpointCommit): Promise<CommitResult> {
  return inTransaction(pool, 'committing a checkpoint', (client) => commitIn(client, commit));
}
