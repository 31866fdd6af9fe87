import type { Permission, Role } from '@ebap/pipeline/access';

/** Who looks at the product, in one workspace. Made on the server from the session; safe to send to the browser. */
export interface Viewer {
  readonly person: { readonly name: string; readonly email: string };
  readonly workspace: ViewerWorkspace;
  /** All workspaces the person is a member of. */
  readonly workspaces: readonly ViewerWorkspace[];
  readonly roles: readonly Role[];
  /** What the person may do here, derived from the access matrix. The server checks again on every answer. */
  readonly permissions: readonly Permission[];
  /** The engines this installation runs, as shown on source badges. */
  readonly engines: { readonly live: string; readonly pipeline: string };
}

export interface ViewerWorkspace {
  readonly id: string;
  readonly name: string;
}

/** What a session turned out to be. */
export type ViewerOutcome =
  | { readonly kind: 'viewer'; readonly viewer: Viewer }
  | { readonly kind: 'signed_out'; readonly reason: 'missing' | 'expired' | 'revoked' }
  /** Signed in, but no group of the person maps to a role here. */
  | {
      readonly kind: 'no_role';
      readonly person: { readonly name: string; readonly email: string };
      readonly groups: readonly string[];
    };

export function viewerMay(viewer: Viewer, permission: Permission): boolean {
  return viewer.permissions.includes(permission);
}
