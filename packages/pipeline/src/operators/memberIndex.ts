import { PLATFORMS, type Platform, TIERS, type Tier } from '../contracts/dimensions.ts';
import type { Member } from '../contracts/members.ts';

/**
 * Members as small integers, by formula: 0 total; 1… platforms; then tiers; then per region its own member
 * followed by one per platform. Region numbers are those of the region directory.
 */
const PLATFORM_BASE = 1;
const TIER_BASE = PLATFORM_BASE + PLATFORMS.length;
const REGION_BASE = TIER_BASE + TIERS.length;
const REGION_STRIDE = 1 + PLATFORMS.length;

export const TOTAL = 0;
export const platformMember = (platform: number): number => PLATFORM_BASE + platform;
export const tierMember = (tier: number): number => TIER_BASE + tier;
export const regionMember = (region: number): number => REGION_BASE + region * REGION_STRIDE;
export const regionPlatformMember = (region: number, platform: number): number => regionMember(region) + 1 + platform;
export const memberCount = (regions: number): number => REGION_BASE + regions * REGION_STRIDE;

/** Upper bound of regions; more are ignored. */
export const MAX_REGIONS = 2_000;

/** Index of the region a member belongs to, or -1. */
export function regionOfMember(member: number): number {
  return member < REGION_BASE ? -1 : Math.floor((member - REGION_BASE) / REGION_STRIDE);
}

/** The member behind the number. `regionCode` names region numbers. */
export function memberAt(member: number, regionCode: (region: number) => string): Member {
  if (member === TOTAL) return { set: 'total' };
  if (member < TIER_BASE) return { set: 'platform', platform: PLATFORMS[member - PLATFORM_BASE] as Platform };
  if (member < REGION_BASE) return { set: 'tier', tier: TIERS[member - TIER_BASE] as Tier };
  const region = regionOfMember(member);
  const rest = (member - REGION_BASE) % REGION_STRIDE;
  const code = regionCode(region);
  return rest === 0
    ? { set: 'region', region: code }
    : { set: 'region_platform', region: code, platform: PLATFORMS[rest - 1] as Platform };
}
