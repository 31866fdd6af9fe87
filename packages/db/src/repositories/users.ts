import { AppError } from '@ebap/pipeline/errors';
import type pg from 'pg';
import { guarded, nativeCode } from '../faults.ts';

export type UserTier = 'free' | 'silver' | 'gold' | 'platinum';

/** What is said about one of the customer's users; what is left out stays as it is. */
export interface UserProfile {
  readonly userId: string;
  readonly email?: string | undefined;
  readonly displayName?: string | undefined;
  readonly tier?: UserTier | undefined;
  /** ISO 3166 alpha-2. */
  readonly country?: string | undefined;
}

export interface User {
  readonly userId: string;
  readonly email: string | null;
  readonly displayName: string | null;
  readonly tier: UserTier;
  readonly country: string | null;
  readonly updatedAt: Date;
}

/** The customer's users: the table whose changes become `ebap.cdc.users`. */
export interface Users {
  /**
   * Creates or completes users in one statement and returns how many rows changed; a later profile of the same user
   * wins. Rows that would not change are not written, so they cause no change events.
   * @throws AppError `not_found` for an unknown workspace, `unavailable`.
   */
  upsertMany(workspaceId: string, profiles: readonly UserProfile[]): Promise<number>;
  get(workspaceId: string, userId: string): Promise<User | null>;
}

const UPSERT = `
  MERGE INTO users AS u
  USING unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
    AS p (user_id, email, display_name, tier, country)
  ON u.workspace_id = $1 AND u.user_id = p.user_id
  WHEN MATCHED AND (coalesce(p.email, u.email), coalesce(p.display_name, u.display_name),
      coalesce(p.tier, u.tier), coalesce(p.country, u.country))
      IS DISTINCT FROM (u.email, u.display_name, u.tier, u.country) THEN
    UPDATE SET email = coalesce(p.email, u.email), display_name = coalesce(p.display_name, u.display_name),
      tier = coalesce(p.tier, u.tier), country = coalesce(p.country, u.country), updated_at = now()
  WHEN NOT MATCHED THEN
    INSERT (workspace_id, user_id, email, display_name, tier, country)
    VALUES ($1, p.user_id, p.email, p.display_name, coalesce(p.tier, 'free'), p.country)`;

const GET = `
  SELECT user_id AS "userId", email, display_name AS "displayName", tier, country, updated_at AS "updatedAt"
  FROM users WHERE workspace_id = $1 AND user_id = $2`;

const UNIQUE_VIOLATION = '23505';
const DEADLOCK = '40P01';
const ATTEMPTS = 5;

export function usersRepository(pool: pg.Pool): Users {
  return {
    async upsertMany(workspaceId, profiles) {
      if (profiles.length === 0) return 0;
      const values = [workspaceId, ...columnsOf(mergeByUser(profiles))];
      return guarded('writing users', () => mergeRetrying(pool, values));
    },
    async get(workspaceId, userId) {
      const { rows } = await guarded('reading a user', () => pool.query<User>(GET, [workspaceId, userId]));
      return rows[0] ?? null;
    },
  };
}

/** MERGE meets a row that another transaction just inserted as a violation: the second try finds and updates it. */
async function mergeRetrying(pool: pg.Pool, values: readonly unknown[]): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { rowCount } = await pool.query(UPSERT, [...values]);
      return rowCount ?? 0;
    } catch (error) {
      const code = nativeCode(error);
      const lostRace = code === UNIQUE_VIOLATION || code === DEADLOCK;
      if (!lostRace || attempt === ATTEMPTS) throw error;
    }
  }
}

/** One profile per user, in the order of ids so that two writers rarely wait crosswise. */
function mergeByUser(profiles: readonly UserProfile[]): readonly UserProfile[] {
  const merged = new Map<string, UserProfile>();
  for (const profile of profiles) {
    if (profile.userId === '') throw new AppError('bad_request', 'A user needs an id.');
    const given = Object.entries(profile).filter(([, value]) => value !== undefined);
    merged.set(profile.userId, { ...merged.get(profile.userId), ...Object.fromEntries(given), userId: profile.userId });
  }
  return [...merged.values()].sort((a, b) => (a.userId < b.userId ? -1 : 1));
}

function columnsOf(profiles: readonly UserProfile[]): (string | null)[][] {
  return [
    profiles.map((p) => p.userId),
    profiles.map((p) => p.email ?? null),
    profiles.map((p) => p.displayName ?? null),
    profiles.map((p) => p.tier ?? null),
    profiles.map((p) => p.country ?? null),
  ];
}
