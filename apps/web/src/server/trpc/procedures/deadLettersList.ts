import { DEAD_LETTER_REASONS } from '@ebap/pipeline/contracts';
import { z } from 'zod';
import { previewRightsOf } from '../../live/deadLetterMask.ts';
import { deadLetterScope, openDeadLetters } from '../deadLetterScope.ts';
import { permitted } from '../trpc.ts';

const MAX_LETTERS = 200;

/** The newest dead letters of a reason (or of all) with what they held, as much of it as the reader's role may see. */
export const deadLettersList = permitted('read:dead_letters')
  .input(
    z.object({
      reason: z.enum(DEAD_LETTER_REASONS).nullable().default(null),
      limit: z.number().int().min(1).max(MAX_LETTERS).default(50),
      scope: deadLetterScope,
    }),
  )
  .query(async ({ ctx, input: { reason, limit, scope } }) => {
    const workspaceId = await openDeadLetters(ctx, scope, { reason, limit });
    const rights = previewRightsOf(ctx.principal.permissions);
    return ctx.services.deadLetters.list(workspaceId, reason, limit, rights);
  });
