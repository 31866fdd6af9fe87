import { AsyncLocalStorage } from 'node:async_hooks';

/** What one sign-in request knows; next-auth hands its parts no request. */
export interface LoginScope {
  readonly userAgent: string | null;
  readonly ip: string | null;
  groups: readonly string[];
}

const scopes = new AsyncLocalStorage<LoginScope>();

/** Runs the callback of a sign-in. A session that the browser still has plays no part in it. */
export function withLoginScope<T>(request: Request, work: () => Promise<T>): Promise<T> {
  const scope: LoginScope = {
    userAgent: request.headers.get('user-agent'),
    ip: request.headers.get('x-ebap-client'),
    groups: [],
  };
  return scopes.run(scope, work);
}

/** The sign-in under way, if this is one. */
export function loginScope(): LoginScope | undefined {
  return scopes.getStore();
}
