import { DEAD_LETTER_REASONS } from '@ebap/pipeline/contracts';
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { permitted } from '../trpc.ts';

const MAX_LETTERS = 200;

/** The newest dead letters of the open workspace by reason. */
export const deadLettersGroups = permitted('read:dead_letters').query(({ ctx: { services, principal } }) =>
  services.deadLetters.groups(principal.workspace.id),
);

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

/** One dead letter of the open workspace. */
export const deadLettersGet = permitted('read:dead_letters')
  .input(z.object({ id: z.string().min(1).max(300) }))
  .query(async ({ ctx: { services, principal }, input }) => {
    await services.audit({
      workspaceId: principal.workspace.id,
      actor: principal.person.id,
      kind: 'dead_letters_read',
      detail: { id: input.id },
    });
    const letter = await services.deadLetters.get(principal.workspace.id, input.id);
    if (letter === null) throw new TRPCError({ code: 'NOT_FOUND', message: 'There is no such dead letter any more.' });
    return letter;
  });
