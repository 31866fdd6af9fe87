import { signedIn } from '../trpc.ts';

/** Ends all sessions of the person who asks, on every device, this one too. */
export const sessionsEndAll = signedIn.mutation(async ({ ctx: { services, principal } }) => {
  await services.audit({ workspaceId: null, actor: principal.person.id, kind: 'sessions_ended', detail: {} });
  return { ended: await services.sessionStore.revokeAllOf(principal.person.id) };
});
