import { cookies } from 'next/headers';
import { services } from '../services.ts';
import { WORKSPACE_COOKIE } from './cookies.ts';
import type { PrincipalOutcome } from './principal.ts';

/** Who asks, by the cookies of the request that Next is answering. @throws AppError `unavailable`. */
export async function requestPrincipal(): Promise<PrincipalOutcome> {
  const jar = await cookies();
  const { sessions, sessionCookie } = services();
  const token = jar.get(sessionCookie)?.value ?? null;
  const outcome = await sessions.resolve(token, jar.get(WORKSPACE_COOKIE)?.value ?? null);
  if (outcome.kind === 'principal') sessions.used(outcome.principal.sessionId);
  return outcome;
}
