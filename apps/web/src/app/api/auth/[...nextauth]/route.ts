import NextAuth from 'next-auth';
import { authOptions } from '../../../../server/auth/authOptions.ts';
import { withLoginScope } from '../../../../server/auth/loginScope.ts';
import { endSessionUrl } from '../../../../server/auth/signOut.ts';
import { services } from '../../../../server/services.ts';

interface RouteContext {
  readonly params: Promise<{ readonly nextauth: readonly string[] }>;
}

async function handle(request: Request, context: RouteContext): Promise<Response> {
  const provided = services();
  const { nextauth } = await context.params;
  const run = (): Promise<Response> => NextAuth(authOptions(provided))(request, context);
  switch (nextauth[0]) {
    case 'callback':
      return withLoginScope(request, run);
    case 'signout':
      return request.method === 'POST' ? alsoAtProvider(await run(), await endSessionUrl(provided)) : run();
    default:
      return run();
  }
}

/** The answer to a sign-out, with the identity provider's end-session address as the place to go. */
async function alsoAtProvider(response: Response, url: string): Promise<Response> {
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  if (headers.has('location')) {
    headers.set('location', url);
    return new Response(null, { status: response.status, headers });
  }
  const body: unknown = response.ok
    ? await response
        .clone()
        .json()
        .catch(() => null)
    : null;
  const isAnswer = typeof body === 'object' && body !== null && 'url' in body;
  return isAnswer ? Response.json({ url }, { status: response.status, headers }) : response;
}

export { handle as GET, handle as POST };
