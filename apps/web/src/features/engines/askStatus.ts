import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client';
import superjson from 'superjson';
import type { AppRouter } from '../../server/trpc/root.ts';
import type { PollOutcome } from './statusModel.ts';

const client = createTRPCClient<AppRouter>({ links: [httpLink({ url: '/api/trpc', transformer: superjson })] });

/** Of a whole round. */
const BOUND_MS = 2_500;
/** An answer is there in far less; after this the server is asked whether it can answer at all. */
const HEDGE_MS = 700;
const SIGNED_OUT: ReadonlySet<unknown> = new Set(['UNAUTHORIZED', 'FORBIDDEN']);

/** Asks the server once how the engines are. Always answers, within a few seconds. */
export async function askStatus(): Promise<PollOutcome> {
  const signal = AbortSignal.timeout(BOUND_MS);
  const asked = askEngines(signal);
  const early = await Promise.race([asked, pause(HEDGE_MS)]);
  if (early !== null && early.kind !== 'failed') return early;
  const readiness = await askReadiness(signal);
  return readiness.kind === 'failed' ? asked : readiness;
}

/** `failed` for whatever went wrong. */
async function askEngines(signal: AbortSignal): Promise<PollOutcome> {
  try {
    return { kind: 'view', view: await client.engines.status.query(undefined, { signal }) };
  } catch (error) {
    const code: unknown = error instanceof TRPCClientError ? error.data?.code : undefined;
    return { kind: SIGNED_OUT.has(code) ? 'ended' : 'failed' };
  }
}

/** Needs no session: `unchecked` while the server can serve nobody, `failed` when it could have answered the question. */
async function askReadiness(signal: AbortSignal): Promise<PollOutcome> {
  try {
    const answer = await fetch('/readyz', { signal, cache: 'no-store' });
    const { status } = (await answer.json()) as { readonly status?: unknown };
    return { kind: status === 'not_ready' ? 'unchecked' : 'failed' };
  } catch {
    return { kind: signal.aborted ? 'silent' : 'unreachable' };
  }
}

function pause(spanMs: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), spanMs));
}
