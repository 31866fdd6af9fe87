import { createTRPCUntypedClient, httpLink } from '@trpc/client';
import superjson from 'superjson';
import { z } from 'zod';
import type { DeadLetterReader } from './deadLetters.tsx';

const SHOWN = 50;

/** What `pipeline.deadLetters` answers; parsed, because it carries producers' bytes. */
const answer = z.array(
  z.object({
    id: z.string(),
    reason: z.string(),
    message: z.string(),
    source: z.object({ topic: z.string(), partition: z.number(), offset: z.number() }).nullable(),
    schemaId: z.number().nullable(),
    firstSeenMs: z.number(),
    sizeBytes: z.number(),
    preview: z.string().nullable(),
  }),
);

/** Reads dead letters by tRPC on the page's own origin. */
export function createDeadLetterReader(): DeadLetterReader {
  const client = createTRPCUntypedClient({ links: [httpLink({ url: '/api/trpc', transformer: superjson })] });
  return async (reason) => answer.parse(await client.query('pipeline.deadLetters', { reason, limit: SHOWN }));
}
