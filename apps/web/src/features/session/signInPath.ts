import { localPath } from './signInNotice.ts';

/** Request header by which pages learn the path and query that were asked for; only our own server sets it. */
export const ASKED_PATH_HEADER = 'x-ebap-path';

const HOME = '/live';

/**
 * Address of the sign-in page for a request without a session: it says why, and knows the way back to what was asked
 * for, so that a link somebody was sent survives the sign-in.
 * @param asked path and query of the request; null when not known
 */
export function signInPath(reason: 'missing' | 'expired' | 'revoked', asked: string | null): string {
  const params = new URLSearchParams();
  if (reason !== 'missing') params.set('reason', reason);
  const wanted = asked === null ? HOME : withoutRouterState(localPath(asked));
  if (wanted !== HOME) params.set('callbackUrl', wanted);
  return params.size === 0 ? '/signin' : `/signin?${params}`;
}

/** Navigation inside the app asks for the same path with a parameter of its own. */
function withoutRouterState(path: string): string {
  const [pathname = HOME, query] = path.split('?', 2);
  const params = new URLSearchParams(query);
  params.delete('_rsc');
  return params.size === 0 ? pathname : `${pathname}?${params}`;
}
