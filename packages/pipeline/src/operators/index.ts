/** Stateful pieces of the tasks. Pure: time comes from the records. */
export { ActiveUsers, DISTINCT_GRAINS, type DistinctGrain, UserCounts } from './activeUsers.ts';
export { ABANDONED, CartOutcomes, DUE } from './cartOutcomes.ts';
export { CartSteps } from './cartSteps.ts';
export { CellPane } from './cellPane.ts';
export { ExchangeRates } from './exchangeRates.ts';
export { type Identity, IdentityIndex, type Sighting } from './identityIndex.ts';
export { KeySlots } from './keySlots.ts';
export * from './memberIndex.ts';
export { PaneSeries } from './paneSeries.ts';
export { Profiles, UNKNOWN_TIER } from './profiles.ts';
export { type Region, RegionDirectory } from './regionDirectory.ts';
export { TRAILING_MINUTES, TrailingCounts } from './trailingUsers.ts';
