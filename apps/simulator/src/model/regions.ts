/** Platforms that shoppers use, in the order of every per-platform table here. */
export const SHOPPER_PLATFORMS = ['web', 'ios', 'android'] as const;
export type ShopperPlatform = (typeof SHOPPER_PLATFORMS)[number];

export interface ShopRegion {
  readonly code: string;
  readonly name: string;
  readonly lat: number;
  readonly lng: number;
  /** IANA zone that its people live by. */
  readonly zone: string;
  readonly currency: string;
  /** ISO 3166-1 alpha-2: where its people live, the first one nearly always. */
  readonly countries: readonly [string, ...string[]];
  /** Relative traffic. */
  readonly weight: number;
  /** Shares of web, ios, android. */
  readonly platforms: readonly [number, number, number];
  /** How far people live from the centroid: standard deviation, degrees. */
  readonly spreadDegrees: number;
}

type Row = readonly [
  code: string,
  name: string,
  lat: number,
  lng: number,
  zone: string,
  currency: string,
  countries: readonly [string, ...string[]],
  weight: number,
  platforms: readonly [number, number, number],
  spreadDegrees: number,
];

const ROWS: readonly Row[] = [
  ['us-east-1', 'Virginia', 38.9, -77.5, 'America/New_York', 'USD', ['US'], 31.8, [46, 38, 16], 0.8],
  ['us-west-2', 'Oregon', 45.8, -119.7, 'America/Los_Angeles', 'USD', ['US'], 16.4, [44, 40, 16], 1.6],
  ['us-east-2', 'Ohio', 40, -83, 'America/New_York', 'USD', ['US'], 9.1, [48, 34, 18], 0.7],
  ['ca-central-1', 'Montréal', 45.5, -73.6, 'America/Toronto', 'CAD', ['CA'], 3.9, [48, 34, 18], 0.9],
  ['sa-east-1', 'São Paulo', -23.5, -46.6, 'America/Sao_Paulo', 'BRL', ['BR', 'AR', 'CL'], 5.6, [36, 14, 50], 1.5],
  ['eu-west-1', 'Ireland', 53.3, -6.3, 'Europe/Dublin', 'EUR', ['IE', 'FR', 'ES', 'PT'], 14.7, [50, 26, 24], 0.6],
  ['eu-west-2', 'London', 51.5, -0.1, 'Europe/London', 'GBP', ['GB'], 12.9, [46, 34, 20], 0.6],
  ['eu-central-1', 'Frankfurt', 50.1, 8.7, 'Europe/Berlin', 'EUR', ['DE', 'AT', 'NL', 'IT'], 15.2, [54, 22, 24], 1.2],
  ['eu-north-1', 'Stockholm', 59.3, 18, 'Europe/Stockholm', 'SEK', ['SE', 'NO', 'FI'], 3.2, [46, 36, 18], 0.9],
  ['me-central-1', 'UAE', 25, 55, 'Asia/Dubai', 'AED', ['AE', 'SA'], 2.4, [30, 38, 32], 0.6],
  ['af-south-1', 'Cape Town', -33.9, 18.4, 'Africa/Johannesburg', 'ZAR', ['ZA', 'NA'], 1.1, [34, 16, 50], 0.8],
  ['ap-south-1', 'Mumbai', 19, 72.9, 'Asia/Kolkata', 'INR', ['IN'], 7.3, [24, 8, 68], 1.8],
  ['ap-southeast-1', 'Singapore', 1.3, 103.8, 'Asia/Singapore', 'SGD', ['SG', 'MY'], 5.1, [34, 36, 30], 0.3],
  ['ap-southeast-2', 'Sydney', -33.9, 151.2, 'Australia/Sydney', 'AUD', ['AU', 'NZ'], 2.2, [46, 36, 18], 1.1],
  ['ap-northeast-1', 'Tokyo', 35.7, 139.7, 'Asia/Tokyo', 'JPY', ['JP'], 6.3, [38, 42, 20], 0.8],
];

/** Where people shop. The order is that of every per-region table here. */
export const SHOP_REGIONS: readonly ShopRegion[] = ROWS.map(
  ([code, name, lat, lng, zone, currency, countries, weight, platforms, spreadDegrees]) => ({
    code,
    name,
    lat,
    lng,
    zone,
    currency,
    countries,
    weight,
    platforms,
    spreadDegrees,
  }),
);

/** The region with that code. */
export function regionIndex(code: string): number | null {
  const index = SHOP_REGIONS.findIndex((r) => r.code === code);
  return index < 0 ? null : index;
}
