import { randomBytes, randomUUID } from 'node:crypto';
import { AppError } from '@ebap/pipeline/errors';
import type pg from 'pg';
import { guarded } from '../faults.ts';
import { type KeyEncryptionKeys, SUBJECT_KEY_BYTES, unwrapKey, wrapKey } from './keyWrapping.ts';

/** A subject's data key in the clear: for enciphering and pseudonyms, never for storing or logging. */
export interface SubjectKey {
  readonly keyId: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

export interface SubjectKeysFound {
  readonly keys: ReadonlyMap<string, SubjectKey>;
  /** Users who were erased: they get no key ever again. */
  readonly erased: ReadonlySet<string>;
}

/** One data key per user of a workspace, stored wrapped. Destroying it is the erasure of all that it enciphers. */
export interface SubjectKeys {
  /**
   * The keys of these users, created where missing, in one round trip. Callers in different processes get the same.
   * @throws AppError `not_found` for an unknown workspace, `configuration` for an unknown KEK version, `corrupt_data`.
   */
  getOrCreateMany(workspaceId: string, userIds: readonly string[], keks: KeyEncryptionKeys): Promise<SubjectKeysFound>;
  /** Destroys the key and writes the erasure ledger, in one transaction. False when the ledger had it before. */
  destroy(workspaceId: string, userId: string, requestedBy: string): Promise<boolean>;
}

const GET_OR_CREATE = `
  WITH candidate AS (
    SELECT * FROM unnest($2::text[], $3::uuid[], $4::bytea[]) AS c (user_id, key_id, wrapped_key)
  ),
  created AS (
    INSERT INTO subject_keys (workspace_id, user_id, key_id, wrapped_key, kek_version)
    SELECT $1, c.user_id, c.key_id, c.wrapped_key, $5 FROM candidate c
    WHERE NOT EXISTS (SELECT 1 FROM subject_keys k WHERE k.workspace_id = $1 AND k.user_id = c.user_id)
      AND NOT EXISTS (SELECT 1 FROM erasure_ledger e WHERE e.workspace_id = $1 AND e.user_id = c.user_id)
    ORDER BY c.user_id
    ON CONFLICT DO NOTHING
    RETURNING user_id, key_id, wrapped_key, kek_version
  )
  SELECT user_id, key_id, wrapped_key, kek_version FROM created
  UNION ALL
  SELECT c.user_id, k.key_id, CASE WHEN e.user_id IS NULL THEN k.wrapped_key END, k.kek_version
  FROM candidate c
  LEFT JOIN subject_keys k ON k.workspace_id = $1 AND k.user_id = c.user_id
  LEFT JOIN erasure_ledger e ON e.workspace_id = $1 AND e.user_id = c.user_id
  WHERE k.user_id IS NOT NULL OR e.user_id IS NOT NULL`;

// A user without a key gets a destroyed one: whoever creates theirs at this moment meets it.
const DESTROY = `
  WITH destroyed AS (
    INSERT INTO subject_keys AS k (workspace_id, user_id, key_id, kek_version, destroyed_at)
    VALUES ($1, $2, gen_random_uuid(), 1, now())
    ON CONFLICT (workspace_id, user_id) DO UPDATE SET wrapped_key = NULL, destroyed_at = now()
      WHERE k.destroyed_at IS NULL
    RETURNING key_id
  )
  INSERT INTO erasure_ledger (workspace_id, user_id, key_id, requested_by)
  VALUES ($1, $2, (SELECT key_id FROM destroyed), $3)
  ON CONFLICT (workspace_id, user_id) DO NOTHING`;

const ATTEMPTS = 5;

interface KeyRow {
  readonly user_id: string;
  readonly key_id: string | null;
  readonly wrapped_key: Buffer | null;
  readonly kek_version: number | null;
}

export function subjectKeysRepository(pool: pg.Pool): SubjectKeys {
  return {
    getOrCreateMany: (workspaceId, userIds, keks) => getOrCreate(pool, workspaceId, userIds, keks),
    async destroy(workspaceId, userId, requestedBy) {
      const { rowCount } = await guarded('destroying a subject key', () =>
        pool.query(DESTROY, [workspaceId, userId, requestedBy]),
      );
      return (rowCount ?? 0) > 0;
    },
  };
}

async function getOrCreate(
  pool: pg.Pool,
  workspaceId: string,
  userIds: readonly string[],
  keks: KeyEncryptionKeys,
): Promise<SubjectKeysFound> {
  const keys = new Map<string, SubjectKey>();
  const erased = new Set<string>();
  let wanted = [...new Set(userIds)];
  for (let attempt = 1; wanted.length > 0; attempt++) {
    if (attempt > ATTEMPTS) {
      throw new AppError('unavailable', 'Subject keys were created and removed at once.', { retryable: true });
    }
    for (const row of await readRows(pool, workspaceId, wanted, keks)) {
      const { user_id: userId, key_id: keyId, wrapped_key: wrapped, kek_version: version } = row;
      if (keyId === null || wrapped === null || version === null) erased.add(userId);
      else keys.set(userId, { keyId, key: unwrapKey(keks, version, { workspaceId, userId, keyId }, wrapped) });
    }
    // A key that another process committed while this statement ran is seen by the next one.
    wanted = wanted.filter((userId) => !keys.has(userId) && !erased.has(userId));
  }
  return { keys, erased };
}

async function readRows(
  pool: pg.Pool,
  workspaceId: string,
  userIds: readonly string[],
  keks: KeyEncryptionKeys,
): Promise<readonly KeyRow[]> {
  const version = keks.currentVersion;
  const keyIds = userIds.map(() => randomUUID());
  const wrapped = userIds.map((userId, i) =>
    wrapKey(keks, version, { workspaceId, userId, keyId: keyIds[i] ?? '' }, randomBytes(SUBJECT_KEY_BYTES)),
  );
  const { rows } = await guarded('reading subject keys', () =>
    pool.query<KeyRow>({
      name: 'get-or-create-subject-keys',
      text: GET_OR_CREATE,
      values: [workspaceId, userIds, keyIds, wrapped, version],
    }),
  );
  return rows;
}
