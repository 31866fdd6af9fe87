import { createHash, randomBytes } from 'node:crypto';
import type { Role } from '@ebap/pipeline/access';
import { AppError } from '@ebap/pipeline/errors';
import type pg from 'pg';
import { guarded } from '../faults.ts';
import type { Person } from './members.ts';
import { asRole } from './roles.ts';

export interface NewSession {
  readonly personId: string;
  /** Ends after this long without use. */
  readonly idleMs: number;
  /** Ends after this long whatever happens. */
  readonly absoluteMs: number;
  /** The person's groups at the identity provider, for the page that explains a missing role. */
  readonly idpGroups?: readonly string[];
  readonly userAgent?: string;
  readonly ip?: string;
}

export interface SessionMembership {
  readonly workspace: { readonly id: string; readonly name: string };
  readonly roles: readonly Role[];
}

/** What a session token stands for now. */
export type FoundSession =
  | {
      readonly kind: 'live';
      readonly sessionId: string;
      readonly person: Person;
      readonly idpGroups: readonly string[];
      /** By workspace name; those of this moment, not of the login. */
      readonly memberships: readonly SessionMembership[];
      readonly idleExpiresAtMs: number;
      readonly absoluteExpiresAtMs: number;
    }
  | { readonly kind: 'signed_out'; readonly reason: 'missing' | 'expired' | 'revoked' };

/** Server-side sessions. Only the SHA-256 of a token is stored; all times are the database's. */
export interface Sessions {
  /** @returns the token for the cookie: never stored, never to be had again. */
  create(session: NewSession): Promise<{ readonly sessionId: string; readonly token: string }>;
  find(token: string): Promise<FoundSession>;
  /** What each of the tokens stands for, in their order, in one query. */
  findMany(tokens: readonly string[]): Promise<readonly FoundSession[]>;
  /** Moves the idle limit on; writes at most every 15 s. A session that has ended stays so. */
  touch(sessionId: string, idleMs: number): Promise<void>;
  /** Sign-out; false when it had ended already. */
  revoke(sessionId: string): Promise<boolean>;
  /** Ends all of a person's sessions and returns how many. */
  revokeAllOf(personId: string): Promise<number>;
  /** Forgets sessions that ended more than 30 days ago and returns how many. */
  purge(): Promise<number>;
}

const MISSING: FoundSession = { kind: 'signed_out', reason: 'missing' };
const TOKEN_BYTES = 32;
const MAX_TOKEN_LENGTH = 128;
const MAX_USER_AGENT_LENGTH = 400;

const CREATE = `
  INSERT INTO sessions (token_hash, person_id, created_at, last_seen_at, idle_expires_at, absolute_expires_at,
    user_agent, ip, idp_groups)
  VALUES ($1, $2, now(), now(),
    now() + least($3::float8, $4::float8) * interval '1 millisecond', now() + $4::float8 * interval '1 millisecond', $5, $6, $7)
  RETURNING id`;

const FIND = `
  SELECT s.token_hash, s.id, s.idp_groups, p.id AS person_id, p.name, p.email,
    s.revoked_at IS NOT NULL AS revoked,
    least(s.idle_expires_at, s.absolute_expires_at) <= now() AS expired,
    (extract(epoch FROM s.idle_expires_at) * 1000)::float8 AS idle_expires_at_ms,
    (extract(epoch FROM s.absolute_expires_at) * 1000)::float8 AS absolute_expires_at_ms,
    (SELECT coalesce(json_agg(json_build_object('id', m.id, 'name', m.name, 'roles', m.roles) ORDER BY m.created_at, m.name), '[]')
     FROM (SELECT w.id, w.name, w.created_at, json_agg(ms.role ORDER BY ms.role) AS roles
           FROM memberships ms JOIN workspaces w ON w.id = ms.workspace_id
           WHERE ms.person_id = p.id GROUP BY w.id) AS m) AS memberships
  FROM sessions s JOIN people p ON p.id = s.person_id
  WHERE s.token_hash = ANY($1)`;

const TOUCH = `
  UPDATE sessions
  SET last_seen_at = now(), idle_expires_at = least(absolute_expires_at, now() + $2 * interval '1 millisecond')
  WHERE id = $1 AND revoked_at IS NULL AND least(idle_expires_at, absolute_expires_at) > now()
    AND last_seen_at < now() - interval '15 seconds'`;

const LIVE = 'revoked_at IS NULL AND least(idle_expires_at, absolute_expires_at) > now()';
const PURGE = `
  DELETE FROM sessions WHERE least(idle_expires_at, absolute_expires_at, revoked_at) < now() - interval '30 days'`;

interface SessionRow {
  readonly token_hash: Buffer;
  readonly id: string;
  readonly idp_groups: string[];
  readonly person_id: string;
  readonly name: string;
  readonly email: string;
  readonly revoked: boolean;
  readonly expired: boolean;
  readonly idle_expires_at_ms: number;
  readonly absolute_expires_at_ms: number;
  readonly memberships: { readonly id: string; readonly name: string; readonly roles: string[] }[];
}

export function sessionsRepository(pool: pg.Pool): Sessions {
  const count = async (doing: string, sql: string, values: readonly unknown[]) => {
    const { rowCount } = await guarded(doing, () => pool.query(sql, [...values]));
    return rowCount ?? 0;
  };
  return {
    create: (session) => createSession(pool, session),
    find: async (token) => (await findSessions(pool, [token]))[0] ?? MISSING,
    findMany: (tokens) => findSessions(pool, tokens),
    async touch(sessionId, idleMs) {
      await count('touching a session', TOUCH, [sessionId, idleMs]);
    },
    async revoke(sessionId) {
      const sql = `UPDATE sessions SET revoked_at = now() WHERE id = $1 AND ${LIVE}`;
      return (await count('ending a session', sql, [sessionId])) > 0;
    },
    revokeAllOf: (personId) =>
      count('ending sessions', `UPDATE sessions SET revoked_at = now() WHERE person_id = $1 AND ${LIVE}`, [personId]),
    purge: () => count('forgetting sessions', PURGE, []),
  };
}

async function createSession(pool: pg.Pool, session: NewSession): Promise<{ sessionId: string; token: string }> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const { rows } = await guarded('creating a session', () =>
    pool.query<{ id: string }>(CREATE, [
      hashToken(token),
      session.personId,
      session.idleMs,
      session.absoluteMs,
      session.userAgent?.slice(0, MAX_USER_AGENT_LENGTH) ?? null,
      session.ip ?? null,
      session.idpGroups ?? [],
    ]),
  );
  const [row] = rows;
  if (row === undefined) throw new AppError('internal', 'Creating a session returned no row.');
  return { sessionId: row.id, token };
}

async function findSessions(pool: pg.Pool, tokens: readonly string[]): Promise<readonly FoundSession[]> {
  const hashes = tokens.map((token) => (token === '' || token.length > MAX_TOKEN_LENGTH ? null : hashToken(token)));
  const wanted = hashes.filter((hash) => hash !== null);
  if (wanted.length === 0) return hashes.map(() => MISSING);
  const { rows } = await guarded('finding sessions', () => pool.query<SessionRow>(FIND, [wanted]));
  const found = new Map(rows.map((row) => [row.token_hash.toString('hex'), foundSession(row)]));
  return hashes.map((hash) => (hash === null ? undefined : found.get(hash.toString('hex'))) ?? MISSING);
}

function foundSession(row: SessionRow): FoundSession {
  if (row.revoked) return { kind: 'signed_out', reason: 'revoked' };
  if (row.expired) return { kind: 'signed_out', reason: 'expired' };
  return {
    kind: 'live',
    sessionId: row.id,
    person: { id: row.person_id, name: row.name, email: row.email },
    idpGroups: row.idp_groups,
    memberships: row.memberships.map(({ id, name, roles }) => ({ workspace: { id, name }, roles: roles.map(asRole) })),
    idleExpiresAtMs: row.idle_expires_at_ms,
    absoluteExpiresAtMs: row.absolute_expires_at_ms,
  };
}

function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
