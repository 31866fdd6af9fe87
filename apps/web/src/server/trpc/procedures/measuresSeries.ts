import { checkQuery, type SeriesResult, seriesQuerySchema } from '@ebap/pipeline/semantics';
import { TRPCError } from '@trpc/server';
import { readSeries } from '../../live/hotReader.ts';
import { permitted } from '../trpc.ts';

/** A measure over time in the open workspace. */
export const measuresSeries = permitted('read:measures')
  .input(seriesQuerySchema)
  .query(async ({ ctx: { services, principal }, input }): Promise<SeriesResult> => {
    const problem = checkQuery(input);
    if (problem !== null) throw new TRPCError({ code: 'BAD_REQUEST', message: problem.message });
    return readSeries(services.hot, principal.workspace.id, input);
  });
