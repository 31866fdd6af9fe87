import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { previewRightsOf } from '../../live/deadLetterMask.ts';
import { deadLetterScope, openDeadLetters } from '../deadLetterScope.ts';
import { permitted } from '../trpc.ts';

/** One dead letter, as much of it as the reader's role may see. */
export const deadLettersGet = permitted('read:dead_letters')
  .input(z.object({ id: z.string().min(1).max(300), scope: deadLetterScope }))
  .query(async ({ ctx, input: { id, scope } }) => {
    const workspaceId = await openDeadLetters(ctx, scope, { id });
    const letter = await ctx.services.deadLetters.get(workspaceId, id, previewRightsOf(ctx.principal.permissions));
    if (letter === null) throw new TRPCError({ code: 'NOT_FOUND', message: 'There is no such dead letter any more.' });
    return letter;
  });
