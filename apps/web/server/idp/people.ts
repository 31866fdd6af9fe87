import { DEMO_PEOPLE } from '@ebap/db';
import { ROLE_TITLES } from '@ebap/pipeline/access';
import { groupOfRole } from '../../src/server/auth/groupRoles.ts';

/** A person the local identity provider knows. */
export interface DemoPerson {
  readonly subject: string;
  readonly name: string;
  readonly email: string;
  readonly groups: readonly string[];
  /** What they are, for the sign-in page. */
  readonly title: string;
}

/** One person per role, and one whose group means nothing here. */
export const DEMO_ACCOUNTS: readonly DemoPerson[] = [
  ...DEMO_PEOPLE.map(({ idpSubject, name, email, role }) => ({
    subject: idpSubject,
    name,
    email,
    groups: [groupOfRole(role)],
    title: ROLE_TITLES[role],
  })),
  {
    subject: 'demo-visitor',
    name: 'Noor Haddad',
    email: 'noor.haddad@meridian.example',
    groups: ['facilities'],
    title: 'No role: their group is not mapped',
  },
];
