import NextAuth from 'next-auth';
import { authOptions } from '../../../../server/auth/authOptions.ts';
import { handleAuth } from '../../../../server/auth/handleAuth.ts';
import { services } from '../../../../server/services.ts';

interface RouteContext {
  readonly params: Promise<{ readonly nextauth: readonly string[] }>;
}

async function handle(request: Request, context: RouteContext): Promise<Response> {
  const provided = services();
  const [action] = (await context.params).nextauth;
  return handleAuth(provided, request, action, () => NextAuth(authOptions(provided))(request, context));
}

export { handle as GET, handle as POST };
