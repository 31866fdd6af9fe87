import { SYSTEM_WORKSPACE } from '@ebap/pipeline/hot';
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import type { WebServices } from '../services.ts';
import type { Principal } from '../session/principal.ts';

/** Whose dead letters: the open workspace's, or those of records whose workspace can't be told. */
export const deadLetterScope = z.enum(['workspace', 'system']).default('workspace');

/**
 * The workspace whose letters are meant, after the reading was written to the audit trail; so is a refusal.
 * @throws TRPCError `FORBIDDEN`; AppError `unavailable` when it can't be audited.
 */
export async function openDeadLetters(
  { services, principal }: { readonly services: WebServices; readonly principal: Principal },
  scope: z.infer<typeof deadLetterScope>,
  detail: Readonly<Record<string, string | number | null>>,
): Promise<string> {
  const mayOpen = scope === 'workspace' || principal.permissions.includes('read:dead_letters_system');
  await services.audit({
    workspaceId: principal.workspace.id,
    actor: principal.person.id,
    kind: mayOpen ? 'dead_letters_read' : 'refused',
    detail: { ...detail, scope, ...(!mayOpen && { permission: 'read:dead_letters_system' }) },
  });
  if (!mayOpen) throw new TRPCError({ code: 'FORBIDDEN', message: 'Your role does not permit this.' });
  return scope === 'system' ? SYSTEM_WORKSPACE : principal.workspace.id;
}
