import type { Platform } from '@ebap/pipeline/contracts';

const SPELLINGS: ReadonlyMap<string, Platform> = new Map([
  ['web', 'web'],
  ['browser', 'web'],
  ['desktop', 'web'],
  ['ios', 'ios'],
  ['iphone', 'ios'],
  ['ipad', 'ios'],
  ['ipados', 'ios'],
  ['android', 'android'],
  ['pos', 'pos'],
  ['store', 'pos'],
  ['in-store', 'pos'],
  ['terminal', 'pos'],
  ['other', 'other'],
]);

/** The platform of a producer's spelling: case does not matter, unknown and missing ones are `other`. */
export function foldPlatform(spelling: string): Platform {
  return SPELLINGS.get(spelling) ?? SPELLINGS.get(spelling.trim().toLowerCase()) ?? 'other';
}
