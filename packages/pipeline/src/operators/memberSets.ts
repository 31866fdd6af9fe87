import { PLATFORMS, TIERS } from '../contracts/dimensions.ts';
import { platformMember, regionMember, regionPlatformMember, TOTAL, tierMember } from './memberIndex.ts';

/** Where an event counts, as indexes. */
export interface Place {
  readonly region: number;
  readonly platform: number;
  readonly tier: number;
}

/** Members of a place: total, platform, tier, region, region × platform. */
export const MEMBERS_PER_PLACE = 5;

/** The finest combination (region × platform × tier) as a number. */
export function combinationOf(place: Place): number {
  return (place.region * PLATFORMS.length + place.platform) * TIERS.length + place.tier;
}

/** The i-th member of the combination, i < {@link MEMBERS_PER_PLACE}. */
export function memberOf(combination: number, i: number): number {
  const tier = combination % TIERS.length;
  const place = (combination - tier) / TIERS.length;
  const platform = place % PLATFORMS.length;
  const region = (place - platform) / PLATFORMS.length;
  switch (i) {
    case 0:
      return TOTAL;
    case 1:
      return platformMember(platform);
    case 2:
      return tierMember(tier);
    case 3:
      return regionMember(region);
    default:
      return regionPlatformMember(region, platform);
  }
}

/** Whether the i-th member of the combination is a member of none of the others. */
export function isNewMember(combination: number, i: number, others: readonly number[]): boolean {
  const member = memberOf(combination, i);
  for (let k = 0; k < others.length; k++) if (memberOf(others[k] as number, i) === member) return false;
  return true;
}
