import { expect, test } from 'vitest';
import { memberAt, memberCount, regionOfMember } from '../operators/index.ts';
import { type Member, memberKey, PLATFORMS, TIERS } from './index.ts';

test.each<[Member, string]>([
  [{ set: 'total' }, '*'],
  [{ set: 'region', region: 'us-east-1' }, 'region=us-east-1'],
  [{ set: 'platform', platform: 'ios' }, 'platform=ios'],
  [{ set: 'tier', tier: 'gold' }, 'tier=gold'],
  [{ set: 'region_platform', region: 'us-east-1', platform: 'ios' }, 'region=us-east-1,platform=ios'],
])('the member %o is written %s', (member, key) => {
  expect(memberKey(member)).toBe(key);
});

test('member numbers name every declared group of every region once', () => {
  const regions = 3;
  const keys = Array.from({ length: memberCount(regions) }, (_, m) => memberKey(memberAt(m, (r) => `r${r}`)));
  const expected = [
    '*',
    ...PLATFORMS.map((p) => `platform=${p}`),
    ...TIERS.map((t) => `tier=${t}`),
    ...[0, 1, 2].flatMap((r) => [`region=r${r}`, ...PLATFORMS.map((p) => `region=r${r},platform=${p}`)]),
  ];
  expect(keys).toEqual(expected);
});

test('a member number tells its region', () => {
  const regions = Array.from({ length: memberCount(2) }, (_, m) => regionOfMember(m));
  expect(regions).toEqual([...Array(11).fill(-1), ...Array(6).fill(0), ...Array(6).fill(1)]);
});
