import { type Permission, permissionsOf, type Role } from '@ebap/pipeline/access';

export interface WorkspaceInfo {
  readonly id: string;
  readonly name: string;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** Who asks, in one workspace: made from a live session and the memberships of now. */
export interface Principal {
  readonly sessionId: string;
  readonly person: Person;
  readonly workspace: WorkspaceInfo;
  /** All workspaces the person is a member of. */
  readonly workspaces: readonly WorkspaceInfo[];
  readonly roles: readonly Role[];
  readonly permissions: readonly Permission[];
}

export type PrincipalOutcome =
  | { readonly kind: 'principal'; readonly principal: Principal }
  | { readonly kind: 'signed_out'; readonly reason: 'missing' | 'expired' | 'revoked' }
  /** Signed in, but no group of the person maps to a role. */
  | { readonly kind: 'no_role'; readonly person: Person; readonly groups: readonly string[] };

/** A person's roles in one workspace. */
export interface Membership {
  readonly workspace: WorkspaceInfo;
  readonly roles: readonly Role[];
}

/**
 * The principal in the wanted workspace if the person is a member there, else in their first one: a forged workspace
 * opens nothing.
 */
export function principalIn(
  sessionId: string,
  person: Person,
  memberships: readonly Membership[],
  wantedWorkspaceId: string | null,
): Principal | null {
  const usable = memberships.filter((one) => one.roles.length > 0);
  const chosen = usable.find((one) => one.workspace.id === wantedWorkspaceId) ?? usable[0];
  if (chosen === undefined) return null;
  return {
    sessionId,
    person,
    workspace: chosen.workspace,
    workspaces: usable.map((one) => one.workspace),
    roles: chosen.roles,
    permissions: permissionsOf(chosen.roles),
  };
}

/** Tells who a session cookie belongs to. Answers are at most a few seconds old: revocation acts within 10 s. */
export interface SessionAuthority {
  /** @throws AppError `unavailable`. */
  resolve(token: string | null, workspaceId: string | null): Promise<PrincipalOutcome>;
  /** Looks many up at once: what is resolved next is answered from that. @throws AppError `unavailable`. */
  preload(tokens: readonly string[]): Promise<void>;
}
