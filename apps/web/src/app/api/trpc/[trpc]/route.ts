import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { services } from '../../../../server/services.ts';
import { createContext } from '../../../../server/trpc/context.ts';
import { crossSiteProblem } from '../../../../server/trpc/crossSite.ts';
import { appRouter } from '../../../../server/trpc/root.ts';

/** Calls of one request: the pages ask for a handful at most. */
const MAX_BATCHED_CALLS = 10;

async function handle(request: Request): Promise<Response> {
  const problem = crossSiteProblem(request, services().publicUrl);
  if (problem !== null) return Response.json({ error: { message: problem } }, { status: 403 });
  const response = await fetchRequestHandler({
    endpoint: '/api/trpc',
    req: request,
    router: appRouter,
    createContext: () => createContext(request),
    maxBatchSize: MAX_BATCHED_CALLS,
  });
  response.headers.set('cache-control', 'no-store');
  return response;
}

export { handle as GET, handle as POST };
