import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_REGIONS, type Region, RegionDirectory } from './index.ts';

const utf8 = new TextEncoder();
const IRELAND: Region = { code: 'eu-west-1', name: 'Ireland', lat: 53.3, lng: -6.3 };
const VIRGINIA: Region = { code: 'us-east-1', name: 'Virginia', lat: 38.9, lng: -77.5 };
const TOKYO: Region = { code: 'ap-northeast-1', name: 'Tokyo', lat: 35.7, lng: 139.7 };

function directory(...regions: readonly Region[]): RegionDirectory {
  const made = new RegionDirectory();
  for (const r of regions) made.put(r);
  return made;
}

function locate(regions: RegionDirectory, location: string): string {
  const bytes = utf8.encode(`..${location}..`);
  return regions.code(regions.locate(bytes, 2, bytes.length - 2));
}

/** Great-circle distance in radians, by the haversine formula. */
function arc(a: { lat: number; lng: number }, b: { lat: number; lng: number }): number {
  const rad = Math.PI / 180;
  const h =
    Math.sin(((a.lat - b.lat) * rad) / 2) ** 2 +
    Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(((a.lng - b.lng) * rad) / 2) ** 2;
  return 2 * Math.asin(Math.min(1, Math.sqrt(h)));
}

describe('a location', () => {
  const regions = directory(IRELAND, VIRGINIA, TOKYO);
  test.each([
    ['a code', 'us-east-1', 'us-east-1'],
    ['a code in capitals', 'EU-WEST-1', 'eu-west-1'],
    ['a name with spaces round it', '  ireland ', 'eu-west-1'],
    ['coordinates of Paris', '48.85,2.35', 'eu-west-1'],
    ['coordinates with spaces', ' 40.7 , -74.0', 'us-east-1'],
    ['coordinates with signs', '+35.0,+140', 'ap-northeast-1'],
    ['coordinates without leading zero', '.5,-60', 'us-east-1'],
    ['the date line from the east', '40,180', 'ap-northeast-1'],
    ['the date line from the west', '40,-180', 'ap-northeast-1'],
    ['the north pole', '90,0', 'eu-west-1'],
    ['nothing', '', 'unknown'],
    ['a name nobody knows', 'atlantis', 'unknown'],
    ['a latitude that does not exist', '91,0', 'unknown'],
    ['a longitude that does not exist', '0,180.5', 'unknown'],
    ['one number', '48.85', 'unknown'],
    ['numbers that are none', '48.85,x', 'unknown'],
    ['a comma first', ',5', 'unknown'],
    ['a comma last', '5,', 'unknown'],
    ['nothing but a space after its comma', '5, ', 'unknown'],
    ['a hexadecimal number', '0x10,5', 'unknown'],
    ['a number with exponent', '1e1,1e1', 'unknown'],
    ['three numbers', '48.85,2.35,0', 'unknown'],
    ['two dots', '4.8.5,2', 'unknown'],
    ['the region of the unknown', 'unknown', 'unknown'],
  ])('that is %s (%s) is in %s', (_, location, code) => {
    expect(locate(regions, location)).toBe(code);
    expect(locate(regions, location)).toBe(code);
  });

  test('is unknown while there are no regions', () => {
    expect(locate(directory(), '48.85,2.35')).toBe('unknown');
    expect(directory().count).toBe(1);
  });

  test('equally far from two belongs to the one first known', () => {
    const west = { ...IRELAND, code: 'west', lat: 0, lng: -10 };
    const east = { ...IRELAND, code: 'east', lat: 0, lng: 10 };
    expect(locate(directory(west, east), '0,0')).toBe('west');
    expect(locate(directory(east, west), '0,0')).toBe('east');
  });

  test('named like one region’s code and another’s name is the one of that code', () => {
    const regions = directory({ ...IRELAND, name: 'tokyo-1' }, { ...TOKYO, code: 'tokyo-1' });
    expect(locate(regions, 'Tokyo-1')).toBe('tokyo-1');
  });

  test('is looked up anew after more different texts than are remembered', () => {
    const regions = directory(IRELAND, VIRGINIA);
    for (let n = 0; n < 70_000; n++) locate(regions, `place-${n}`);
    expect(locate(regions, 'ireland')).toBe('eu-west-1');
    expect(locate(regions, 'place-1')).toBe('unknown');
  });
});

describe('the nearest region', () => {
  const lat = fc.oneof(fc.double({ min: -90, max: 90, noNaN: true }), fc.constantFrom(-90, -89.999, 0, 89.5, 90));
  const lng = fc.oneof(
    fc.double({ min: -180, max: 180, noNaN: true }),
    fc.constantFrom(-180, -179.999, 0, 179.999, 180),
  );

  test('is the one with the shortest great circle, also at the poles and the date line', () => {
    const many = fc.array(fc.record({ lat, lng }), { minLength: 1, maxLength: 30 });
    const points = fc.array(fc.record({ lat, lng }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(many, points, (centroids, asked) => {
        const regions = directory(...centroids.map((c, i) => ({ ...c, code: `r${i}`, name: `R${i}` })));
        for (const p of asked) {
          const found = centroids[regions.nearest(p.lat, p.lng) - 1];
          const shortest = Math.min(...centroids.map((c) => arc(p, c)));
          // Arcs that differ by less than a metre count as equal.
          expect(found === undefined ? Number.NaN : arc(p, found) - shortest).toBeLessThan(2e-7);
        }
      }),
    );
  });

  test('changes when a region moves, goes, comes back', () => {
    const regions = directory(IRELAND, VIRGINIA);
    expect(locate(regions, '48.85,2.35')).toBe('eu-west-1');
    regions.put({ ...IRELAND, lat: -33.9, lng: 151.2 });
    expect(locate(regions, '48.85,2.35')).toBe('us-east-1');
    regions.remove('us-east-1');
    expect(locate(regions, '48.85,2.35')).toBe('eu-west-1');
    expect(locate(regions, 'virginia')).toBe('unknown');
    regions.remove('nobody');
    regions.put(VIRGINIA);
    expect(locate(regions, 'virginia')).toBe('us-east-1');
    expect(regions.count).toBe(3);
  });
});

describe('the directory', () => {
  test('keeps numbers and answers through a restore, also of regions that are gone', () => {
    const regions = directory(IRELAND, VIRGINIA, TOKYO);
    regions.remove('us-east-1');
    regions.put({ ...TOKYO, name: 'Osaka', lat: 34.7 });
    const restored = RegionDirectory.fromJSON(JSON.parse(JSON.stringify(regions.toJSON())));
    expect(restored.toJSON()).toEqual(regions.toJSON());
    expect([0, 1, 2, 3].map((n) => restored.code(n))).toEqual(['unknown', 'eu-west-1', 'us-east-1', 'ap-northeast-1']);
    for (const location of ['40,-74', 'osaka', 'tokyo', 'virginia', 'us-east-1', '35,140'])
      expect(locate(restored, location)).toBe(locate(regions, location));
  });

  test('ignores regions beyond its bound, and still moves those it has', () => {
    const regions = directory();
    const at = (n: number): Region => ({ code: `r${n}`, name: `R${n}`, lat: (n % 180) - 90, lng: (n % 360) - 180 });
    for (let n = 0; n < MAX_REGIONS + 5; n++) regions.put(at(n));
    expect(regions.count).toBe(MAX_REGIONS);
    expect(locate(regions, `r${MAX_REGIONS}`)).toBe('unknown');
    regions.put({ ...at(1), name: 'moved' });
    expect(locate(regions, 'moved')).toBe('r1');
  });

  test.each([
    ['no latitude', { lat: Number.NaN }],
    ['no longitude', { lng: Number.NaN }],
    ['a latitude beyond the pole', { lat: 90.1 }],
    ['a longitude beyond the date line', { lng: -180.1 }],
  ])('ignores a region with %s: it is nowhere on the globe', (_, place) => {
    const regions = directory(IRELAND, { ...TOKYO, ...place });
    expect(regions.count).toBe(2);
    expect(locate(regions, 'tokyo')).toBe('unknown');
    expect(locate(regions, '35.7,139.7')).toBe('eu-west-1');
  });

  test('calls a number it never gave unknown', () => {
    expect(directory(IRELAND).code(7)).toBe('unknown');
  });
});
