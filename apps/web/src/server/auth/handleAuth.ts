import type { WebServices } from '../services.ts';
import { withLoginScope } from './loginScope.ts';
import { endSessionUrl } from './signOut.ts';

/**
 * Runs a request of `/api/auth/<action>` in what it needs beside next-auth: a sign-in's callback in a scope of its own,
 * and a sign-out with the identity provider's end-session address as the place to go next.
 */
export async function handleAuth(
  services: WebServices,
  request: Request,
  action: string | undefined,
  run: () => Promise<Response>,
): Promise<Response> {
  if (action === 'callback') return withLoginScope(request, run);
  if (action !== 'signout' || request.method !== 'POST') return run();
  return alsoAtProvider(await run(), await endSessionUrl(services));
}

async function alsoAtProvider(response: Response, url: string): Promise<Response> {
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  if (headers.has('location')) {
    headers.set('location', url);
    return new Response(null, { status: response.status, headers });
  }
  if (!response.ok) return response;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  const isAnswer = typeof body === 'object' && body !== null && 'url' in body;
  return isAnswer ? Response.json({ url }, { status: response.status, headers }) : response;
}
