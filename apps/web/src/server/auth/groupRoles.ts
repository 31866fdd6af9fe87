import { ROLES, type Role } from '@ebap/pipeline/access';

const PREFIX = 'ebap-';
const ROLE_OF: ReadonlyMap<string, Role> = new Map(ROLES.map((role) => [role.replaceAll('_', '-'), role]));

/** What a group of the identity provider gives: a role in every workspace, or in one. */
export interface GroupGrant {
  readonly group: string;
  readonly role: Role;
  /** Null = every workspace. */
  readonly workspaceId: string | null;
}

/**
 * Reads `<group>=<role>` or `<group>=<role>@<workspace>`, separated by commas, as the installation's settings hold
 * them. Returns the entries that can't be read, too.
 */
export function parseGroupGrants(text: string): {
  readonly grants: readonly GroupGrant[];
  readonly malformed: readonly string[];
} {
  const grants: GroupGrant[] = [];
  const malformed: string[] = [];
  for (const entry of text.split(',').map((one) => one.trim())) {
    if (entry === '') continue;
    const equals = entry.lastIndexOf('=');
    const grant = grantOf(entry.slice(0, Math.max(0, equals)).trim(), entry.slice(equals + 1).trim());
    if (grant === null || grant.group === '') malformed.push(entry);
    else grants.push(grant);
  }
  return { grants, malformed };
}

function grantOf(group: string, target: string): GroupGrant | null {
  const [roleName = '', workspaceId = null] = target.split('@', 2);
  const role = ROLE_OF.get(roleName.toLowerCase().replaceAll('_', '-'));
  return role === undefined ? null : { group, role, workspaceId };
}

/**
 * Roles by workspace from the groups of the identity provider. `ebap-devops` gives its role in every workspace,
 * `ebap-devops@meridian` in one, and so do the installation's own grants. A leading slash (Keycloak's full paths) and
 * case do not matter; all other groups mean nothing here.
 */
export function rolesOfGroups(
  groups: readonly string[],
  workspaceIds: readonly string[],
  grants: readonly GroupGrant[] = [],
): Readonly<Record<string, readonly Role[]>> {
  const roles = new Map<string, Set<Role>>();
  for (const group of groups) {
    const name = group.replace(/^\//, '').toLowerCase();
    const own = name.startsWith(PREFIX) ? grantOf(name, name.slice(PREFIX.length)) : null;
    const given = grants.filter((grant) => grant.group.replace(/^\//, '').toLowerCase() === name);
    for (const { role, workspaceId } of own === null ? given : [...given, own])
      for (const id of workspaceId === null ? workspaceIds : workspaceIds.filter((one) => one === workspaceId))
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
