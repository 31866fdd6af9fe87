import type { AuditEntry, Members, Sessions, Workspaces } from '@ebap/db';
import type { Permission } from '@ebap/pipeline/access';
import type { GroupGrant } from './auth/groupRoles.ts';
import type { EnginesView } from './engineStatus.ts';
import type { DeadLetterIndex } from './live/deadLetterIndex.ts';
import type { HotReaderPorts } from './live/hotReader.ts';
import type { PipelineReader } from './live/pipelineReader.ts';
import type { StoredSessionAuthority } from './session/authority.ts';

/** What the server's process offers to the pages and routes that Next runs in it. */
export interface WebServices {
  /** Origin that people use, without a trailing slash. */
  readonly publicUrl: string;
  readonly sessionCookie: string;
  readonly identity: {
    readonly issuer: string;
    readonly clientId: string;
    readonly clientSecret: string;
    /** Roles that this installation gives to groups beside the `ebap-` ones. */
    readonly groupGrants: readonly GroupGrant[];
    /** Signs and enciphers the cookies of a sign-in under way. */
    readonly secret: string;
  };
  readonly sessions: StoredSessionAuthority;
  readonly sessionStore: Sessions;
  readonly members: Members;
  readonly workspaces: Workspaces;
  readonly hot: HotReaderPorts;
  readonly pipeline: PipelineReader;
  readonly deadLetters: DeadLetterIndex;
  /** Names of the engines behind the numbers, as the product shows them. */
  readonly engines: { readonly live: string; readonly pipeline: string };
  /** How the engines are, as somebody with these permissions may know it. Known already: nothing is asked. */
  readonly engineStatus: (permissions: readonly Permission[]) => EnginesView;
  /** Writes to the audit trail. @throws AppError `unavailable`: what must be audited must then not happen. */
  readonly audit: (entry: AuditEntry) => Promise<void>;
  readonly onFault: (error: unknown, where: string) => void;
}

/**
 * The server and the bundle that Next built are two module graphs in one process: they meet here. Read by the routes
 * on each request, so that importing a route needs nothing.
 */
const KEY = Symbol.for('ebap.web.services');

type Holder = { [KEY]?: WebServices };

export function provideServices(services: WebServices): void {
  (globalThis as Holder)[KEY] = services;
}

/** @throws Error before the server has provided them, e.g. while Next builds. */
export function services(): WebServices {
  const provided = (globalThis as Holder)[KEY];
  if (provided === undefined) throw new Error('The services are provided by the server: start apps/web/server/main.ts');
  return provided;
}
