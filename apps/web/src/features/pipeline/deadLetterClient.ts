import { DEAD_LETTER_REASONS } from '@ebap/pipeline/contracts';
import { createTRPCClient, httpLink } from '@trpc/client';
import superjson from 'superjson';
import type { AppRouter } from '../../server/trpc/root.ts';
import type { DeadLetterReader } from './deadLetters.tsx';

const SHOWN = 50;

/** Reads dead letters by tRPC on the page's own origin. */
export function createDeadLetterReader(): DeadLetterReader {
  const client = createTRPCClient<AppRouter>({ links: [httpLink({ url: '/api/trpc', transformer: superjson })] });
  return async (reason) => {
    const known = DEAD_LETTER_REASONS.find((one) => one === reason);
    // A reason of a newer worker than this page: it is listed, its records are not to be had here.
    return known ? client.deadLetters.list.query({ reason: known, limit: SHOWN }) : [];
  };
}
