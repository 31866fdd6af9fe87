import { ROLES, type Role } from '@ebap/pipeline/access';

const PREFIX = 'ebap-';
const ROLE_OF: ReadonlyMap<string, Role> = new Map(ROLES.map((role) => [role.replaceAll('_', '-'), role]));

/**
 * Roles by workspace from the groups of the identity provider: `ebap-devops` in every workspace,
 * `ebap-devops@meridian` in one. A leading slash (Keycloak's full paths) and case do not matter; all other groups
 * mean nothing here.
 */
export function rolesOfGroups(
  groups: readonly string[],
  workspaceIds: readonly string[],
): Readonly<Record<string, readonly Role[]>> {
  const roles = new Map<string, Set<Role>>();
  for (const group of groups) {
    const name = group.replace(/^\//, '').toLowerCase();
    if (!name.startsWith(PREFIX)) continue;
    const [roleName = '', workspaceId] = name.slice(PREFIX.length).split('@', 2);
    const role = ROLE_OF.get(roleName);
    if (role === undefined) continue;
    for (const id of workspaceId === undefined ? workspaceIds : workspaceIds.filter((one) => one === workspaceId))
      roles.set(id, (roles.get(id) ?? new Set()).add(role));
  }
  return Object.fromEntries([...roles].map(([id, set]) => [id, [...set]]));
}

/** The group that gives a role in every workspace. */
export function groupOfRole(role: Role): string {
  return PREFIX + role.replaceAll('_', '-');
}

/** The `groups` claim as it may come: an array of text, or one text. */
export function groupsClaim(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return [claim];
  return Array.isArray(claim) ? claim.filter((one) => typeof one === 'string').slice(0, 200) : [];
}
