import { DEAD_LETTER_REASONS } from '@ebap/pipeline/contracts';
import { z } from 'zod';
import { permitted } from '../trpc.ts';

const MAX_LETTERS = 200;

/** The newest dead letters of a reason (or of all) with what they held; reading records is audited. */
export const deadLettersList = permitted('read:dead_letters')
  .input(
    z.object({
      reason: z.enum(DEAD_LETTER_REASONS).nullable().default(null),
      limit: z.number().int().min(1).max(MAX_LETTERS).default(50),
    }),
  )
  .query(async ({ ctx: { services, principal }, input }) => {
    await services.audit({
      workspaceId: principal.workspace.id,
      actor: principal.person.id,
      kind: 'dead_letters_read',
      detail: { reason: input.reason, limit: input.limit },
    });
    return services.deadLetters.list(principal.workspace.id, input.reason, input.limit);
  });
