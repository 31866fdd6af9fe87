/** What crosses a process boundary: records on topics, values in the hot store, messages on sockets. */
export {
  ACTIONS,
  type Action,
  GRAIN_MS,
  GRAINS,
  type Grain,
  MONEY_SCALE,
  PLATFORMS,
  type Platform,
  TIERS,
  type Tier,
  UNKNOWN_REGION,
} from './dimensions.ts';
export * from './liveProtocol.ts';
export { type GroupingSet, type Member, memberKey, TOTAL_MEMBER } from './members.ts';
