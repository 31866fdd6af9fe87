import { signedIn } from '../trpc.ts';

/** The person, their roles and permissions in the open workspace, and where else they may go. */
export const me = signedIn.query(({ ctx: { principal } }) => ({
  person: { name: principal.person.name, email: principal.person.email },
  workspace: principal.workspace,
  workspaces: principal.workspaces,
  roles: principal.roles,
  permissions: principal.permissions,
}));
