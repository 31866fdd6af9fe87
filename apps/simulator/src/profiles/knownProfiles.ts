import { setTimeout as sleep } from 'node:timers/promises';
import { poolFrom } from '@ebap/adapters/postgres';
import type { KnownProfile } from '../model/index.ts';

interface Row extends KnownProfile {
  readonly workspace: string;
}

const SELECT = `SELECT workspace_id AS workspace, user_id AS "userId", tier, country FROM users
  WHERE user_id LIKE 'u-%' ORDER BY workspace_id, user_id`;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/**
 * The people that earlier runs left in the customer's `users` table, by workspace. Tries until it works; empty when
 * `signal` aborts before. `onTrouble` is told once.
 */
export async function readKnownProfiles(
  url: string,
  signal: AbortSignal,
  onTrouble: (error: unknown) => void,
): Promise<ReadonlyMap<string, readonly KnownProfile[]>> {
  const { pool, close } = poolFrom({ url });
  try {
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
      try {
        const { rows } = await pool.query<Row>(SELECT);
        return Map.groupBy(rows, (row) => row.workspace);
      } catch (error) {
        if (pauseMs === FIRST_PAUSE_MS) onTrouble(error);
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    }
    return new Map();
  } finally {
    await close();
  }
}
