import { permitted } from '../trpc.ts';

/** The newest dead letters of the open workspace by reason. */
export const deadLettersGroups = permitted('read:dead_letters').query(({ ctx: { services, principal } }) =>
  services.deadLetters.groups(principal.workspace.id),
);
