import type { Grain } from '../contracts/dimensions.ts';

/** How long a window stays readable after its end. */
export const HOT_WINDOW_TTL_MS: Readonly<Record<Grain, number>> = {
  '10s': 2 * 3_600_000,
  '1m': 24 * 3_600_000,
  '5m': 24 * 3_600_000,
  '1h': 24 * 3_600_000,
};
