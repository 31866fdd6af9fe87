import type { Platform, Tier } from './dimensions.ts';

/**
 * One group of a declared grouping set: total; region; platform; tier; region × platform.
 * Only these exist: distinct counts can't be added up from finer ones.
 */
export type Member =
  | { readonly set: 'total' }
  | { readonly set: 'region'; readonly region: string }
  | { readonly set: 'platform'; readonly platform: Platform }
  | { readonly set: 'tier'; readonly tier: Tier }
  | { readonly set: 'region_platform'; readonly region: string; readonly platform: Platform };

export type GroupingSet = Member['set'];

export const TOTAL_MEMBER = '*';

/** The member as a hash field or state key, e.g. `*`, `region=us-east-1`, `region=us-east-1,platform=ios`. */
export function memberKey(member: Member): string {
  switch (member.set) {
    case 'total':
      return TOTAL_MEMBER;
    case 'region':
      return `region=${member.region}`;
    case 'platform':
      return `platform=${member.platform}`;
    case 'tier':
      return `tier=${member.tier}`;
    case 'region_platform':
      return `region=${member.region},platform=${member.platform}`;
  }
}
