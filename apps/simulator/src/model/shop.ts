import { Daylight } from './daylight.ts';
import type { FaultRates } from './faults.ts';
import { bustle, type Person, Population } from './people.ts';
import { hash32, RandomStream } from './random.ts';
import { locationOf } from './records.ts';
import { SHOP_REGIONS } from './regions.ts';
import type { Conditions } from './scenarios.ts';
import { firstStep, type Session } from './sessions.ts';

/** A workspace's shop as the settings see it. */
export interface ShopSettings {
  readonly workspace: string;
  /** Its part of all traffic. */
  readonly share: number;
  /** Exponent on the regions' weights: 1 keeps their differences, 0 makes them equal. */
  readonly contrast: number;
}

export const SHOPS: readonly ShopSettings[] = [
  { workspace: 'meridian', share: 0.8, contrast: 0.8 },
  { workspace: 'acme', share: 0.2, contrast: 0.4 },
];

/** People per event and second of the mean rate: each comes about once in an hour and a half of open shop. */
const PEOPLE_PER_RATE = 500;
const NEWCOMER_SHARE = 0.012;

/** Mean number of records that a visit sends. */
export interface VisitSize {
  readonly usual: number;
  readonly rushed: number;
}

/** Visitors of one workspace: who comes when and from where. Knows nothing of what they do then. */
export class Shop {
  readonly population: Population;
  readonly #number: number;
  readonly #seed: number;
  readonly #eventsPerSecond: number;
  readonly #shares: readonly number[];
  readonly #daylight: readonly Daylight[];
  readonly #arrivals: RandomStream;
  readonly #lost: RandomStream;
  readonly #offlineRate: number;
  readonly #visiting = new Set<number>();
  #sessions = 0;
  #lostSessions = 0;

  /** `peopleSeed` makes the people, `seed` what they do this time. */
  constructor(
    settings: ShopSettings,
    number: number,
    eventsPerSecond: number,
    peopleSeed: number,
    seed: number,
    memberLimit: number,
    faults: FaultRates,
  ) {
    const weights = SHOP_REGIONS.map((r) => r.weight ** settings.contrast);
    const total = weights.reduce((a, b) => a + b, 0);
    this.#number = number;
    this.#seed = hash32(seed, 'shop', settings.workspace);
    this.#eventsPerSecond = eventsPerSecond * settings.share;
    this.#shares = weights.map((w) => w / total);
    this.#daylight = SHOP_REGIONS.map((r) => new Daylight(r.zone));
    this.#arrivals = new RandomStream(this.#seed, 'arrivals');
    this.#lost = new RandomStream(this.#seed, 'lost phones');
    this.#offlineRate = faults.offline;
    const people = this.#eventsPerSecond * PEOPLE_PER_RATE;
    this.population = new Population(settings.workspace, peopleSeed, people, weights, memberLimit * settings.share);
  }

  /** Starts the sessions of the second that begins at `wallMs` (`modelMs` on the model's clock). */
  arrivals(
    wallMs: number,
    modelMs: number,
    conditions: Conditions,
    size: VisitSize,
    start: (s: Session) => void,
  ): void {
    for (let region = 0; region < SHOP_REGIONS.length; region++) {
      const normal = this.normalRate(region, wallMs);
      const usual = this.#arrivals.poisson((normal * (conditions.arrivals[region] ?? 1)) / size.usual);
      const rush = this.#arrivals.poisson((normal * (conditions.rush[region] ?? 0)) / size.rushed);
      for (let i = 0; i < usual + rush; i++) {
        const at = modelMs + this.#arrivals.int(1_000);
        const session = this.#session(region, at, i >= usual);
        if (session !== null) start(session);
      }
    }
  }

  /** Visits of the minute that begins at `wallMs` whose phones lost the network on the way. */
  lostPhones(wallMs: number, modelMs: number, size: VisitSize, found: (s: Session) => void): void {
    for (let region = 0; region < SHOP_REGIONS.length; region++) {
      const visits = (this.normalRate(region, wallMs) * 60) / size.usual;
      const count = this.#lost.poisson(visits * this.#offlineRate);
      for (let i = 0; i < count; i++) {
        const person = this.population.visitor(region, this.#lost);
        if (person === null || this.#visiting.has(person.number)) continue;
        const stream = new RandomStream(this.#seed, 'lost', this.#lostSessions++);
        const session = newSession(this.#number, person, stream, modelMs + this.#lost.int(60_000), false, 1);
        // Only phones lose it.
        if (!Number.isFinite(session.eventsUntilOffline)) continue;
        this.#visiting.add(person.number);
        found(session);
      }
    }
  }

  /** Events per second that the region sends at that time when nothing special happens. */
  normalRate(region: number, wallMs: number): number {
    const share = this.#shares[region] ?? 0;
    const activity = this.#daylight[region]?.activityAt(wallMs) ?? 1;
    return this.#eventsPerSecond * share * activity * bustle(this.#seed, region, wallMs);
  }

  /** The visitor has gone and may come again. */
  leave(person: Person): void {
    this.#visiting.delete(person.number);
  }

  /** A region by its part of the traffic. */
  anyRegion(stream: RandomStream): number {
    return stream.weighted(this.#shares);
  }

  #session(region: number, modelMs: number, rushed: boolean): Session | null {
    const stream = new RandomStream(this.#seed, 'session', this.#sessions++);
    const person = this.#visitor(region, stream);
    if (person === null) return null;
    this.#visiting.add(person.number);
    return newSession(this.#number, person, stream, modelMs, rushed, this.#offlineRate);
  }

  #visitor(region: number, stream: RandomStream): Person | null {
    if (stream.chance(NEWCOMER_SHARE)) return this.population.newcomer(region);
    for (let tries = 0; tries < 8; tries++) {
      const person = this.population.visitor(region, stream);
      if (person !== null && !this.#visiting.has(person.number)) return person;
    }
    return null;
  }
}

/** A visit of the person that begins at `modelMs`. */
export function newSession(
  workspace: number,
  person: Person,
  stream: RandomStream,
  modelMs: number,
  rushed: boolean,
  offlineRate: number,
): Session {
  const place = SHOP_REGIONS[person.region] ?? SHOP_REGIONS[0];
  if (place === undefined) throw new RangeError('There are no regions.');
  const platform = stream.chance(0.9) ? person.platform : stream.weighted(place.platforms);
  const goesOffline = platform !== 0 && stream.chance(offlineRate);
  return {
    kind: 'session',
    timeMs: modelMs,
    order: 0,
    stream,
    workspace,
    person,
    id: `s-${stream.uint32().toString(36)}`,
    platform,
    location: locationOf(person, place, stream),
    currency: place.currency,
    rushed,
    ...firstStep(person, stream),
    basket: [],
    basketTold: true,
    failures: 0,
    eventsUntilOffline: goesOffline ? stream.int(8) : Number.POSITIVE_INFINITY,
    offlineUntilMs: 0,
  };
}
