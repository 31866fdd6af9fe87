/** What a person can do. The order is the Avro enum's and never changes; new actions go to the end. */
export const ACTIONS = ['view', 'cart', 'purchase', 'login'] as const;
export type Action = (typeof ACTIONS)[number];

/** Where it was done. `other` is a platform: an unknown spelling is never lost. */
export const PLATFORMS = ['web', 'ios', 'android', 'pos', 'other'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** The person's tier at the time of the event. `unknown`: no profile was known for that time. */
export const TIERS = ['free', 'silver', 'gold', 'platinum', 'unknown'] as const;
export type Tier = (typeof TIERS)[number];

/** The region of events whose location is missing or can't be resolved. */
export const UNKNOWN_REGION = 'unknown';

/** Tumbling windows, by grain. `10s` panes carry additive measures only. */
export const GRAINS = ['10s', '1m', '5m', '1h'] as const;
export type Grain = (typeof GRAINS)[number];

export const GRAIN_MS: Readonly<Record<Grain, number>> = {
  '10s': 10_000,
  '1m': 60_000,
  '5m': 300_000,
  '1h': 3_600_000,
};

/**
 * Sums of money are integers in 1e-4 units of the workspace's currency ("€74.90" = 749000). They stay below
 * 2^53 for any sum under 900 billion currency units; floats exist only at display.
 */
export const MONEY_SCALE = 10_000;
