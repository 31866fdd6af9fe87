import type { Role } from '@ebap/pipeline/access';
import { AppError } from '@ebap/pipeline/errors';
import type pg from 'pg';
import type { PrismaClient } from '../../generated/prisma/client.ts';
import { guarded } from '../faults.ts';
import { asRole } from './roles.ts';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** What the identity provider says at a login. */
export interface Login {
  readonly idpSubject: string;
  readonly email: string;
  readonly name: string;
  readonly rolesByWorkspace: Readonly<Record<string, readonly Role[]>>;
}

export interface Member {
  readonly person: Person;
  readonly roles: readonly Role[];
}

export interface Members {
  /**
   * Creates or updates the person and makes their memberships exactly those of the login; workspaces that do not
   * exist are left out. One statement.
   */
  upsertFromLogin(login: Login): Promise<Person>;
  get(personId: string): Promise<Person | null>;
  /** Members of a workspace, by name. */
  list(workspaceId: string): Promise<readonly Member[]>;
}

const UPSERT = `
  WITH person AS (
    INSERT INTO people (idp_subject, email, name) VALUES ($1, $2, $3)
    ON CONFLICT (idp_subject) DO UPDATE SET email = excluded.email, name = excluded.name
    RETURNING id, name, email
  ),
  wanted AS (
    SELECT DISTINCT p.id AS person_id, w.id AS workspace_id, r.role
    FROM person p, unnest($4::text[], $5::text[]) AS r (workspace_id, role)
    JOIN workspaces w ON w.id = r.workspace_id
  ),
  dropped AS (
    DELETE FROM memberships m USING person p
    WHERE m.person_id = p.id
      AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.workspace_id = m.workspace_id AND w.role = m.role)
  ),
  added AS (
    INSERT INTO memberships (person_id, workspace_id, role) SELECT person_id, workspace_id, role FROM wanted
    ON CONFLICT DO NOTHING
  )
  SELECT id, name, email FROM person`;

const PERSON = { id: true, name: true, email: true } as const;

export function membersRepository(prisma: PrismaClient, pool: pg.Pool): Members {
  return {
    async upsertFromLogin(login) {
      const pairs = Object.entries(login.rolesByWorkspace).flatMap(([id, roles]) => roles.map((role) => [id, role]));
      const { rows } = await guarded('recording a login', () =>
        pool.query<Person>(UPSERT, [
          login.idpSubject,
          login.email,
          login.name,
          pairs.map(([id]) => id),
          pairs.map(([, role]) => role),
        ]),
      );
      const [person] = rows;
      if (person === undefined) throw new AppError('internal', 'Recording a login returned no person.');
      return person;
    },
    get: (id) => guarded('reading a person', () => prisma.person.findUnique({ select: PERSON, where: { id } })),
    async list(workspaceId) {
      const people = await guarded('listing members', () =>
        prisma.person.findMany({
          select: { ...PERSON, memberships: { select: { role: true }, where: { workspaceId } } },
          where: { memberships: { some: { workspaceId } } },
          orderBy: { name: 'asc' },
        }),
      );
      return people.map(({ memberships, ...person }) => ({ person, roles: memberships.map((m) => asRole(m.role)) }));
    },
  };
}
