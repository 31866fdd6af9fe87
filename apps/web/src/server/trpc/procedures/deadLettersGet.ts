import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { permitted } from '../trpc.ts';

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
