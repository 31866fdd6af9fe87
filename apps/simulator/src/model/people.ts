import { hash32, hashUnit, RandomStream } from './random.ts';
import { SHOP_REGIONS } from './regions.ts';

/** Tiers of people with an account, lowest first. */
export const SHOPPER_TIERS = ['free', 'silver', 'gold', 'platinum'] as const;
export type ShopperTier = (typeof SHOPPER_TIERS)[number];
const TIER_SHARES = [0.62, 0.22, 0.12, 0.04];

/** How a person's app tells where it is. */
export type LocationStyle = 'coordinates' | 'code' | 'name' | 'none';

/** Somebody who shops. Everything but what changed since is derived from the number, so a million cost nothing. */
export interface Person {
  readonly number: number;
  readonly userId: string;
  /** Has an account; guests shop without a profile. */
  readonly member: boolean;
  readonly region: number;
  readonly country: string;
  readonly tier: number;
  readonly platform: number;
  readonly locationStyle: LocationStyle;
  readonly lat: number;
  readonly lng: number;
  readonly email: string;
  readonly displayName: string;
}

/** A row of the customer's `users` table. */
export interface Profile {
  readonly workspace: string;
  readonly userId: string;
  readonly email: string;
  readonly displayName: string;
  readonly tier: ShopperTier;
  readonly country: string;
}

/** A row that an earlier run left in the `users` table. */
export type KnownProfile = Pick<Profile, 'userId' | 'tier' | 'country'>;

interface Change {
  readonly region?: number;
  readonly tier?: number;
  readonly left?: boolean;
  readonly member?: boolean;
}

const FIRST_NAMES = 'Ines|Jonas|Maya|Liam|Sofia|Ravi|Yuki|Noah|Aisha|Mateo|Freya|Thabo|Chloe|Omar|Ana|Kenji|Elsa|Priya';
const LAST_NAMES = 'Silva|Berg|Okafor|Tanaka|Meyer|Khan|Moreau|Costa|Novak|Singh|Lind|Murphy|Rossi|Dube|Chen|Weber';
const FIRST = FIRST_NAMES.split('|');
const LAST = LAST_NAMES.split('|');
const REGIONS = SHOP_REGIONS.length;
/** A low rank visits more often: uniform to this power. */
const LOYALTY = 2.2;
const MEMBER_SHARE = 0.84;
const USER_ID = /^u-[0-9a-z]{6,}$/;

/** Everyone who may shop in one workspace. */
export class Population {
  readonly workspace: string;
  readonly #seed: number;
  /** People per region at the start, and now: new ones join at the end. */
  readonly #initial: readonly number[];
  readonly #sizes: number[];
  readonly #memberRanks: number;
  readonly #changes = new Map<number, Change>();

  /** `memberLimit`: most profiles that the start may write; the most loyal people come first. */
  constructor(workspace: string, seed: number, people: number, weights: readonly number[], memberLimit: number) {
    this.workspace = workspace;
    this.#seed = hash32(seed, 'people', workspace);
    const total = weights.reduce((a, b) => a + b, 0);
    this.#initial = weights.map((w) => Math.max(20, Math.round((people * w) / total)));
    this.#sizes = [...this.#initial];
    const all = this.#initial.reduce((a, b) => a + b, 0);
    this.#memberRanks = Math.min(1, memberLimit / (all * MEMBER_SHARE));
  }

  get size(): number {
    return this.#sizes.reduce((a, b) => a + b, 0);
  }

  /** Somebody at home in the region, loyal ones more often; null if the one picked has left. */
  visitor(region: number, stream: RandomStream): Person | null {
    const size = this.#sizes[region] ?? 0;
    const rank = Math.floor(size * stream.next() ** LOYALTY);
    const number = rank * REGIONS + region;
    return this.#changes.get(number)?.left === true ? null : this.person(number);
  }

  /** Somebody who comes for the first time. */
  newcomer(region: number): Person {
    const rank = this.#sizes[region] ?? 0;
    this.#sizes[region] = rank + 1;
    const number = rank * REGIONS + region;
    this.#changes.set(number, { member: false, tier: 0 });
    return this.person(number);
  }

  person(number: number): Person {
    const change = this.#changes.get(number);
    const region = change?.region ?? number % REGIONS;
    const place = SHOP_REGIONS[region];
    if (place === undefined) throw new RangeError(`No region ${region}.`);
    const stream = new RandomStream(this.#seed, number);
    const rank = Math.floor(number / REGIONS);
    const loyal = rank < (this.#initial[number % REGIONS] ?? 0) * this.#memberRanks;
    const member = change?.member ?? (stream.next() < MEMBER_SHARE && loyal);
    const tier = change?.tier ?? stream.weighted(TIER_SHARES);
    const platform = stream.weighted(place.platforms);
    const style = stream.next();
    const first = FIRST[stream.int(FIRST.length)] ?? 'Sam';
    const last = LAST[stream.int(LAST.length)] ?? 'Lee';
    return {
      number,
      userId: `u-${number.toString(36).padStart(6, '0')}`,
      member,
      region,
      country: place.countries[stream.chance(0.9) ? 0 : stream.int(place.countries.length)] ?? place.countries[0],
      tier: member ? tier : 0,
      platform,
      locationStyle: style < 0.865 ? 'coordinates' : style < 0.945 ? 'code' : style < 0.995 ? 'name' : 'none',
      lat: place.lat + place.spreadDegrees * 0.6 * Math.max(-2, Math.min(2, stream.normal())),
      lng: place.lng + place.spreadDegrees * Math.max(-2, Math.min(2, stream.normal())),
      email: `${first}.${last}.${number.toString(36)}@example.com`.toLowerCase(),
      displayName: `${first} ${last}`,
    };
  }

  /** Takes up what changed about a person, and returns them as they are now. */
  change(number: number, change: Change): Person {
    this.#changes.set(number, { ...this.#changes.get(number), ...change });
    return this.person(number);
  }

  /**
   * Goes on with the people that an earlier run left: their tiers, where they live, who opened an account and who
   * closed it. Accounts are opened in the order of {@link residents}: who is missing after the last one that is there
   * was not reached by then. Nothing is known of an empty table.
   */
  recall(profiles: Iterable<KnownProfile>): void {
    const known = new Map([...profiles].map((profile) => [profile.userId, profile]));
    const missing: number[] = [];
    let closed = 0;
    for (const { number, userId } of this.#accounts()) {
      if (!known.has(userId)) missing.push(number);
      else closed = missing.length;
    }
    for (const number of missing.slice(0, closed)) this.#changes.set(number, { left: true });
    for (const profile of known.values()) this.#recallOne(profile);
  }

  #recallOne({ userId, tier, country }: KnownProfile): void {
    const number = USER_ID.test(userId) ? Number.parseInt(userId.slice(2), 36) : Number.NaN;
    if (!Number.isSafeInteger(number)) return;
    const home = number % REGIONS;
    this.#sizes[home] = Math.max(this.#sizes[home] ?? 0, Math.floor(number / REGIONS) + 1);
    const known = { member: true, tier: Math.max(0, SHOPPER_TIERS.indexOf(tier)) };
    const first = this.person(number);
    const person = first.member && first.tier === known.tier ? first : this.change(number, known);
    if (person.country === country || SHOP_REGIONS[home]?.countries.includes(country)) return;
    const region = SHOP_REGIONS.findIndex((place) => place.countries.includes(country));
    if (region >= 0) this.change(number, { region });
  }

  profile(person: Person): Profile {
    return {
      workspace: this.workspace,
      userId: person.userId,
      email: person.email,
      displayName: person.displayName,
      tier: SHOPPER_TIERS[person.tier] ?? 'free',
      country: person.country,
    };
  }

  /** Profiles of everyone who has an account at the start, loyal people first. */
  *residents(): Generator<Profile> {
    for (const person of this.#accounts()) yield this.profile(person);
  }

  *#accounts(): Generator<Person> {
    const ranks = Math.max(...this.#initial);
    for (let rank = 0; rank < ranks * this.#memberRanks; rank++)
      for (let region = 0; region < REGIONS; region++) {
        if (rank >= (this.#initial[region] ?? 0)) continue;
        const number = rank * REGIONS + region;
        const person = this.person(number);
        if (person.member && this.#changes.get(number)?.left !== true) yield person;
      }
  }
}

/** Slow ups and downs that no clock explains: within ±12 %, turning over ten minutes. */
export function bustle(seed: number, region: number, timeMs: number): number {
  const at = timeMs / 600_000;
  const knot = Math.floor(at);
  const from = hashUnit(seed, 'bustle', region, knot);
  const to = hashUnit(seed, 'bustle', region, knot + 1);
  const part = at - knot;
  const smooth = part * part * (3 - 2 * part);
  return 0.88 + 0.24 * (from + (to - from) * smooth);
}
