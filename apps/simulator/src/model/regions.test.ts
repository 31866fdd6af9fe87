import { RegionDirectory } from '@ebap/pipeline/operators';
import { expect, it } from 'vitest';
import { events, live } from '../testing/world.ts';
import { SHOP_REGIONS } from './regions.ts';

it('the platform finds people in the region whose currency they pay in', () => {
  const directory = new RegionDirectory();
  for (const region of SHOP_REGIONS) directory.put(region);
  const paid = events(live(1_800)).filter((e) => e.metadata.currency !== undefined && e.location !== '');
  const found = paid.filter((e) => {
    const bytes = Buffer.from(e.location);
    const code = directory.code(directory.locate(bytes, 0, bytes.length));
    return SHOP_REGIONS.some((r) => r.code === code && r.currency === e.metadata.currency);
  });
  expect(paid.length).toBeGreaterThan(500);
  expect(found.length / paid.length).toBeGreaterThan(0.98);
});
