import { permitted } from '../trpc.ts';

/** All regions with their centres. */
export const regionsList = permitted('read:regions').query(async ({ ctx: { services } }) =>
  (await services.hot.reference.regions()).map(({ code, name, lat, lng }) => ({ code, name, lat, lng })),
);
