import { TRPCError } from '@trpc/server';
import { services, type WebServices } from '../services.ts';
import { readCookie, WORKSPACE_COOKIE } from '../session/cookies.ts';
import type { PrincipalOutcome } from '../session/principal.ts';

export interface TrpcContext {
  readonly services: WebServices;
  readonly outcome: PrincipalOutcome;
}

/** Who asks, from the request's cookies. @throws TRPCError `SERVICE_UNAVAILABLE` while sessions can't be read. */
export async function createContext(request: Request): Promise<TrpcContext> {
  const provided = services();
  const header = request.headers.get('cookie') ?? undefined;
  const token = readCookie(header, provided.sessionCookie);
  const outcome = await provided.sessions
    .resolve(token, readCookie(header, WORKSPACE_COOKIE))
    .catch((cause: unknown) => {
      provided.onFault(cause, 'trpc session');
      throw new TRPCError({ code: 'SERVICE_UNAVAILABLE', message: 'Sessions can not be read at the moment.', cause });
    });
  if (outcome.kind === 'principal') provided.sessions.used(outcome.principal.sessionId);
  return { services: provided, outcome };
}
