import type { Role } from '@ebap/pipeline/access';

/** A person the local identity provider knows while demo logins are on. All share the installation's password. */
export interface DemoUser {
  readonly login: string;
  readonly name: string;
  readonly role: Role;
}

/** One per role, in the order the sign-in page and the start message show them. */
export const DEMO_USERS: readonly DemoUser[] = [
  { login: 'devops', name: 'Devi Okafor', role: 'devops' },
  { login: 'product', name: 'Priya Moreau', role: 'product_manager' },
  { login: 'analyst', name: 'Anna Lindqvist', role: 'data_analyst' },
  { login: 'support', name: 'Sam Castillo', role: 'customer_support' },
  { login: 'admin', name: 'Ada Weber', role: 'admin' },
];
