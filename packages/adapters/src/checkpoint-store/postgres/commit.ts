import { AppError } from '@ebap/pipeline/errors';
import type { CheckpointCommit, CommitResult, Lease } from '@ebap/pipeline/ports';
import type pg from 'pg';

/** An intent older than this can't be committed any more, and its files may be swept. */
export const INTENT_LIFE = "interval '1 hour'";

const LOCK_LEASE = 'SELECT epoch, owner FROM task_leases WHERE task = $1 AND partition = $2 FOR UPDATE';
const FIND_COMMIT = 'SELECT 1 FROM checkpoint_commits WHERE commit_id = $1';

// Null frontier = no checkpoint yet. jsonb equality ignores the order of keys.
const FIND_FRONTIER = `
  SELECT frontier = $3::jsonb AS expected FROM checkpoints WHERE task = $1 AND partition = $2 FOR UPDATE`;

const LOCK_INTENT = `
  SELECT state = 'open' AND opened_at > clock_timestamp() - ${INTENT_LIFE} AS usable
  FROM checkpoint_intents
  WHERE id = $1 AND task = $2 AND partition = $3 AND epoch = $4
  FOR UPDATE`;

const UNKNOWN_SEGMENTS = `
  SELECT name FROM unnest($1::text[]) AS s (name)
  WHERE NOT EXISTS (SELECT 1 FROM intent_files f WHERE f.intent_id = $2 AND f.name = s.name)
    AND NOT EXISTS (
      SELECT 1 FROM checkpoints c, jsonb_array_elements(c.manifest -> 'segments') AS kept
      WHERE c.task = $3 AND c.partition = $4 AND kept ->> 'name' = s.name)
  LIMIT 1`;

const ADVANCE = `
  INSERT INTO checkpoints (task, partition, frontier, manifest, epoch, commit_id, committed_at)
  VALUES ($1, $2, $3::jsonb, $4::jsonb, $5, $6, clock_timestamp())
  ON CONFLICT (task, partition) DO UPDATE
    SET frontier = excluded.frontier, manifest = excluded.manifest, epoch = excluded.epoch,
        commit_id = excluded.commit_id, committed_at = excluded.committed_at`;

const CLOSE_INTENT = `UPDATE checkpoint_intents SET state = 'committed' WHERE id = $1`;
const KEEP_COMMIT = 'INSERT INTO checkpoint_commits (commit_id, at) VALUES ($1, clock_timestamp())';

/**
 * The body of the checkpoint's transaction. The lease's row is locked first: an earlier try of the same commit, or
 * another owner taking the lease, is over before anything is decided.
 */
export async function commitIn(client: pg.ClientBase, commit: CheckpointCommit): Promise<CommitResult> {
  const { task, partition, epoch } = commit.lease;
  const lease = await client.query<{ epoch: string; owner: string }>(LOCK_LEASE, [task, partition]);
  if ((await client.query(FIND_COMMIT, [commit.commitId])).rowCount !== 0) return { status: 'committed' };
  if (!holds(lease.rows[0], commit.lease)) return { status: 'fenced' };
  if (!(await growsFrom(client, commit))) return { status: 'frontier_mismatch' };
  const intent = await client.query<{ usable: boolean }>(LOCK_INTENT, [commit.intentId, task, partition, epoch]);
  if (intent.rows[0]?.usable !== true) return { status: 'intent_expired' };
  await refuseUnknownSegments(client, commit);
  const { to, manifest, commitId, intentId } = commit;
  await client.query(ADVANCE, [task, partition, JSON.stringify(to), JSON.stringify(manifest), epoch, commitId]);
  await client.query(CLOSE_INTENT, [intentId]);
  await client.query(KEEP_COMMIT, [commitId]);
  return { status: 'committed' };
}

function holds(row: { readonly epoch: string; readonly owner: string } | undefined, lease: Lease): boolean {
  return row !== undefined && Number(row.epoch) === lease.epoch && row.owner === lease.owner;
}

async function growsFrom(client: pg.ClientBase, commit: CheckpointCommit): Promise<boolean> {
  const from = commit.from === null ? null : JSON.stringify(commit.from);
  const { rows } = await client.query<{ expected: boolean | null }>(FIND_FRONTIER, [
    commit.lease.task,
    commit.lease.partition,
    from,
  ]);
  const [row] = rows;
  return row === undefined ? commit.from === null : row.expected === true;
}

/** A segment that is neither the intent's nor the current manifest's may be swept any time: state would be lost. */
async function refuseUnknownSegments(client: pg.ClientBase, commit: CheckpointCommit): Promise<void> {
  const { rows } = await client.query<{ name: string }>(UNKNOWN_SEGMENTS, [
    commit.manifest.segments.map((s) => s.name),
    commit.intentId,
    commit.lease.task,
    commit.lease.partition,
  ]);
  const [unknown] = rows;
  if (unknown !== undefined)
    throw new AppError('bad_request', 'the manifest names a segment that no intent announced and no checkpoint holds', {
      context: { segment: unknown.name, commitId: commit.commitId },
    });
}
