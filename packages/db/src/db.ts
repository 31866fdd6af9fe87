import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../generated/prisma/client.ts';
import { guarded } from './faults.ts';
import { type ApiKeys, apiKeysRepository } from './repositories/apiKeys.ts';
import { type Audit, auditRepository } from './repositories/audit.ts';
import { type Members, membersRepository } from './repositories/members.ts';
import { type Reference, referenceRepository } from './repositories/reference.ts';
import { type Sessions, sessionsRepository } from './repositories/sessions.ts';
import { type SubjectKeys, subjectKeysRepository } from './repositories/subjectKeys.ts';
import { type Users, usersRepository } from './repositories/users.ts';
import { type Workspaces, workspacesRepository } from './repositories/workspaces.ts';

export interface DbOptions {
  /** Size of the connection pool; 8 by default. */
  readonly maxConnections?: number;
}

/** The relational store of one process. */
export interface Db {
  readonly workspaces: Workspaces;
  readonly members: Members;
  readonly sessions: Sessions;
  readonly apiKeys: ApiKeys;
  readonly users: Users;
  readonly reference: Reference;
  readonly subjectKeys: SubjectKeys;
  readonly audit: Audit;
  /** For adapters that speak SQL themselves; shared, ended by {@link Db.close}. */
  readonly pool: pg.Pool;
  /** Resolves when the database answers. @throws AppError `unavailable`. */
  ping(): Promise<void>;
  /** Writes what is batched and ends the connections. */
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 8;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 20_000;
const ANSWER_TIMEOUT_MS = 25_000;

/** Opens the store. Connects when it is first used: a database that is down makes calls fail, not this one. */
export function openDb(url: string, options: DbOptions = {}): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.maxConnections ?? MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'ebap',
  });
  // The pool drops a broken idle connection by itself; without a listener the process would end.
  pool.on('error', () => {});
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  const apiKeys = apiKeysRepository(prisma, pool);
  return {
    workspaces: workspacesRepository(prisma),
    members: membersRepository(prisma, pool),
    sessions: sessionsRepository(pool),
    apiKeys,
    users: usersRepository(pool),
    reference: referenceRepository(prisma),
    subjectKeys: subjectKeysRepository(pool),
    audit: auditRepository(prisma),
    pool,
    async ping() {
      await guarded('answering', () => pool.query('SELECT 1'));
    },
    async close() {
      await apiKeys.flushUses().catch(() => {});
      await prisma.$disconnect();
      await pool.end();
    },
  };
}
