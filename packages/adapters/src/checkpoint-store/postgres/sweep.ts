import type pg from 'pg';
import { INTENT_LIFE } from './commit.ts';

const ABORT_STALE = `
  UPDATE checkpoint_intents SET state = 'aborted'
  WHERE state = 'open' AND opened_at <= clock_timestamp() - ${INTENT_LIFE}`;

const IN_USE = `
  SELECT f.name FROM intent_files f JOIN checkpoint_intents i ON i.id = f.intent_id WHERE i.state = 'open'
  UNION
  SELECT s ->> 'name' FROM checkpoints c, jsonb_array_elements(c.manifest -> 'segments') AS s`;

// Names move from closed intents to the sweep list, where they stay until their removal is reported.
const COLLECT = `
  WITH in_use AS (${IN_USE}),
  unused AS (
    DELETE FROM intent_files f USING checkpoint_intents i
    WHERE i.id = f.intent_id AND i.state <> 'open' AND f.name NOT IN (SELECT name FROM in_use)
    RETURNING f.name)
  INSERT INTO sweep_list (name) SELECT DISTINCT name FROM unused ON CONFLICT DO NOTHING`;

const FORGET_EMPTY_INTENTS = `
  DELETE FROM checkpoint_intents i
  WHERE i.state <> 'open' AND NOT EXISTS (SELECT 1 FROM intent_files f WHERE f.intent_id = i.id)`;

// A rerun comes within minutes; one that comes later than this is refused by epoch or frontier all the same.
const FORGET_COMMITS = `
  DELETE FROM checkpoint_commits k
  WHERE k.at < clock_timestamp() - interval '7 days'
    AND NOT EXISTS (SELECT 1 FROM checkpoints c WHERE c.commit_id = k.commit_id)`;

const LIST = `SELECT name FROM sweep_list WHERE name NOT IN (${IN_USE}) ORDER BY name`;

/** Aborts stale intents, then collects what nobody refers to any more. In one transaction. */
export async function sweepableIn(client: pg.ClientBase): Promise<readonly string[]> {
  await client.query(ABORT_STALE);
  await client.query(COLLECT);
  await client.query(FORGET_EMPTY_INTENTS);
  await client.query(FORGET_COMMITS);
  const { rows } = await client.query<{ name: string }>(LIST);
  return rows.map(({ name }) => name);
}
