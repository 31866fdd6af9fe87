import { signedIn } from '../trpc.ts';

/** Outages in the words of the person's role, and the engines by name for who may see the pipeline's state. */
export const enginesStatus = signedIn.query(({ ctx: { services, principal } }) =>
  services.engineStatus(principal.permissions),
);
