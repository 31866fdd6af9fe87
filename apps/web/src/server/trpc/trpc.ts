import type { Permission } from '@ebap/pipeline/access';
import type { AppErrorCode } from '@ebap/pipeline/errors';
import { initTRPC, TRPCError } from '@trpc/server';
import superjson from 'superjson';
import type { Principal } from '../session/principal.ts';
import type { TrpcContext } from './context.ts';

type TrpcCode = ConstructorParameters<typeof TRPCError>[0]['code'];

/** Every fault code as tRPC's: the one place where this edge maps them. */
const CODES: Readonly<Record<AppErrorCode, TrpcCode>> = {
  bad_request: 'BAD_REQUEST',
  unauthenticated: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  not_found: 'NOT_FOUND',
  conflict: 'CONFLICT',
  too_large: 'PAYLOAD_TOO_LARGE',
  rate_limited: 'TOO_MANY_REQUESTS',
  unavailable: 'SERVICE_UNAVAILABLE',
  timeout: 'TIMEOUT',
  cancelled: 'CLIENT_CLOSED_REQUEST',
  configuration: 'INTERNAL_SERVER_ERROR',
  corrupt_data: 'INTERNAL_SERVER_ERROR',
  unsupported_version: 'INTERNAL_SERVER_ERROR',
  topic_mismatch: 'INTERNAL_SERVER_ERROR',
  offset_out_of_range: 'INTERNAL_SERVER_ERROR',
  offset_gap: 'INTERNAL_SERVER_ERROR',
  lease_lost: 'INTERNAL_SERVER_ERROR',
  frontier_mismatch: 'INTERNAL_SERVER_ERROR',
  intent_expired: 'INTERNAL_SERVER_ERROR',
  incompatible_schema: 'INTERNAL_SERVER_ERROR',
  internal: 'INTERNAL_SERVER_ERROR',
};

const t = initTRPC.context<TrpcContext>().create({
  transformer: superjson,
  // What happened inside is for the log, not for the browser.
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    message: error.code === 'INTERNAL_SERVER_ERROR' ? 'The server failed.' : shape.message,
    data: { code: shape.data.code, httpStatus: shape.data.httpStatus, path: shape.data.path },
  }),
});

export const { router, createCallerFactory } = t;

/** AppErrors come from the server's module graph, so they are known by name, not by class. */
function appErrorCode(error: unknown): AppErrorCode | null {
  if (!(error instanceof Error) || error.name !== 'AppError' || !('code' in error)) return null;
  return typeof error.code === 'string' && error.code in CODES ? (error.code as AppErrorCode) : null;
}

const mapped = t.procedure.use(async ({ ctx, next, path }) => {
  const result = await next();
  if (result.ok) return result;
  const { cause } = result.error;
  const code = appErrorCode(cause);
  if (code === null) {
    if (result.error.code === 'INTERNAL_SERVER_ERROR') ctx.services.onFault(cause ?? result.error, `trpc ${path}`);
    return result;
  }
  if (CODES[code] === 'INTERNAL_SERVER_ERROR') ctx.services.onFault(cause, `trpc ${path}`);
  throw new TRPCError({ code: CODES[code], message: cause?.message ?? code, cause });
});

function principalOf({ outcome }: TrpcContext): Principal {
  switch (outcome.kind) {
    case 'principal':
      return outcome.principal;
    case 'signed_out':
      throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in first.' });
    case 'no_role':
      throw new TRPCError({ code: 'FORBIDDEN', message: 'None of your groups gives you a role here.' });
  }
}

/** For everybody who is signed in and has a role. */
export const signedIn = mapped.use(({ ctx, next }) => next({ ctx: { ...ctx, principal: principalOf(ctx) } }));

/** For whom the access matrix gives the permission in the open workspace; a refusal is audited. */
export function permitted(permission: Permission) {
  return signedIn.use(async ({ ctx, next, path }) => {
    const { principal, services } = ctx;
    if (principal.permissions.includes(permission)) return next();
    await services.audit({
      workspaceId: principal.workspace.id,
      actor: principal.person.id,
      kind: 'refused',
      detail: { permission, path },
    });
    throw new TRPCError({ code: 'FORBIDDEN', message: 'Your role does not permit this.' });
  });
}
