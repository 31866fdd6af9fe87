import { accountChange, farewell, type ProfileChange } from './accounts.ts';
import { measureVisits } from './calibration.ts';
import {
  type FaultRates,
  LONGEST_OFFLINE_MS,
  MALFORMATIONS,
  malformed,
  offlineMs,
  resendMs,
  USUAL_FAULTS,
} from './faults.ts';
import type { KnownProfile, Profile } from './people.ts';
import { TimeQueue } from './queue.ts';
import { hash32 } from './random.ts';
import { type EventRecord, recordOf, uuidAt } from './records.ts';
import { type Conditions, conditionsAt, NORMAL, type ScenarioRun } from './scenarios.ts';
import { proceed, type Session, settle, takeSilently } from './sessions.ts';
import { SHOPS, Shop, type VisitSize } from './shop.ts';

/** A record on its way to the platform. */
export interface Emission {
  /** When the client sends it, ms of the wall clock. */
  readonly timeMs: number;
  readonly workspace: string;
  /** The record as JSON: what is sent again is this very text. */
  readonly body: string;
  readonly fate: Fate;
}
/** `delayed` records waited on a phone without network. */
export type Fate = 'sound' | 'delayed' | 'duplicate' | 'malformed';

export interface ModelOutput {
  /** By time. */
  readonly emissions: readonly Emission[];
  readonly profileChanges: readonly ProfileChange[];
}

export interface ModelOptions {
  readonly seed: number;
  /** Time of the first event at the earliest, ms of the wall clock. */
  readonly startMs: number;
  /** Mean over a week, both workspaces and all faults together. */
  readonly eventsPerSecond: number;
  readonly faults?: FaultRates;
  /** Most accounts that exist at the start. */
  readonly memberLimit?: number;
  /** What an earlier run left of people, by workspace. */
  readonly known?: ReadonlyMap<string, readonly KnownProfile[]>;
}

interface Delivery {
  readonly kind: 'delivery';
  timeMs: number;
  order: number;
  readonly workspace: number;
  readonly body: string;
  readonly fate: Fate;
}

const BEAT_MS = 1_000;
const MINUTE_MS = 60_000;
/** Few visits last longer; at high rates less of it must do. */
const LONGEST_WARM_UP_SECONDS = 900;
const WARM_UP_EVENTS = 1e7;
const DEFAULT_MEMBER_LIMIT = 50_000;
/** Ids that the smaller workspace takes over from the larger one: identities must not meet across workspaces. */
const SHARED_ID_RATE = 0.03;
const SHARED_IDS = 256;

/**
 * Shoppers of all workspaces as a discrete-event model: seed and start time decide every byte, however time is
 * cut into calls of {@link advance}. Model time stands still while producers are silent or the model is postponed;
 * wall time = start + model time + shift.
 */
export class ShopModel {
  readonly #startMs: number;
  readonly #faults: FaultRates;
  readonly #shops: readonly Shop[];
  readonly #visits: readonly VisitSize[];
  readonly #queue = new TimeQueue<Session | Delivery>();
  readonly #recentIds: string[] = [];
  #runs: readonly ScenarioRun[] = [];
  #conditions: Conditions = NORMAL;
  #shiftMs = 0;
  /** Model time of the next full second. */
  #beatMs = 0;
  #nowMs: number;
  #emissions: Emission[] = [];
  #profileChanges: ProfileChange[] = [];

  constructor(options: ModelOptions) {
    const { seed, startMs, eventsPerSecond } = options;
    this.#startMs = startMs;
    this.#nowMs = startMs;
    this.#faults = options.faults ?? USUAL_FAULTS;
    const runSeed = hash32(seed, 'run', startMs);
    const memberLimit = options.memberLimit ?? DEFAULT_MEMBER_LIMIT;
    this.#shops = SHOPS.map(
      (settings, i) => new Shop(settings, i, eventsPerSecond, seed, runSeed, memberLimit, this.#faults),
    );
    for (const { population } of this.#shops) population.recall(options.known?.get(population.workspace) ?? []);
    this.#visits = this.#shops.map((shop) => measureVisits(shop, this.#faults));
    const gone = this.#recallPhones();
    this.#warmUp(Math.min(LONGEST_WARM_UP_SECONDS, Math.round(WARM_UP_EVENTS / eventsPerSecond)));
    for (const { workspace, person } of gone) this.#shops[workspace]?.leave(person);
  }

  /** How far the model has come, ms of the wall clock. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Visits under way and records that wait. */
  get pending(): number {
    return this.#queue.size;
  }

  /** Sets what goes on from the next second; scenarios left out are over. */
  setScenarios(runs: readonly ScenarioRun[]): void {
    this.#runs = runs;
  }

  /** Everything that people would do from now on they do `ms` later. */
  postpone(ms: number): void {
    this.#shiftMs += ms;
    this.#nowMs += ms;
  }

  /** Lives on up to `toMs` (exclusive, wall clock) and returns what happened. */
  advance(toMs: number): ModelOutput {
    this.#emissions = [];
    this.#profileChanges = [];
    for (;;) {
      const beatMs = this.#wall(this.#beatMs);
      this.#drain(Math.min(toMs, beatMs) - this.#wall(0));
      if (toMs <= beatMs) break;
      this.#conditions = conditionsAt(this.#runs, beatMs);
      if (this.#conditions.silent) this.#shiftMs += BEAT_MS;
      else this.#beat(beatMs);
    }
    this.#nowMs = Math.max(this.#nowMs, toMs);
    return { emissions: this.#emissions, profileChanges: this.#profileChanges };
  }

  /** Accounts at the start, workspace by workspace. */
  *residents(): Generator<Profile> {
    for (const shop of this.#shops) yield* shop.population.residents();
  }

  #wall(modelMs: number): number {
    return this.#startMs + modelMs + this.#shiftMs;
  }

  #beat(wallMs: number): void {
    this.#shops.forEach((shop, i) => {
      const visits = this.#visits[i];
      if (visits === undefined) return;
      shop.arrivals(wallMs, this.#beatMs, this.#conditions, visits, (session) => this.#queue.push(session));
    });
    this.#beatMs += BEAT_MS;
  }

  /** Lets sessions begin before the start, unheard, so that the first second finds people in the middle of theirs. */
  #warmUp(seconds: number): void {
    for (this.#beatMs = -seconds * BEAT_MS; this.#beatMs < 0; this.#beatMs += BEAT_MS)
      this.#shops.forEach((shop, i) => {
        const visits = this.#visits[i];
        if (visits === undefined) return;
        shop.arrivals(this.#wall(this.#beatMs), this.#beatMs, NORMAL, visits, (session) => this.#joinUnderway(session));
      });
  }

  #joinUnderway(session: Session): void {
    while (session.timeMs < 0) {
      takeSilently(session, NORMAL);
      if (proceed(session, NORMAL)) continue;
      this.#shops[session.workspace]?.leave(session.person);
      return;
    }
    if (session.basket.length > 0) {
      session.basketTold = false;
      session.step = 'cart';
    }
    this.#queue.push(session);
  }

  /**
   * Phones that lost the network before the start and find it after: what they kept comes late from the first minutes
   * on. Returns the visits that were over before the start.
   */
  #recallPhones(): readonly Session[] {
    const gone: Session[] = [];
    for (let modelMs = -LONGEST_OFFLINE_MS; modelMs < 0; modelMs += MINUTE_MS)
      this.#shops.forEach((shop, i) => {
        const visits = this.#visits[i];
        if (visits === undefined) return;
        shop.lostPhones(this.#wall(modelMs), modelMs, visits, (session) => {
          if (this.#recallPhone(session)) this.#queue.push(session);
          else gone.push(session);
        });
      });
    return gone;
  }

  /** Lives the visit up to the start; true if it goes on after. */
  #recallPhone(session: Session): boolean {
    session.offlineUntilMs = Number.NEGATIVE_INFINITY;
    while (session.timeMs < 0) {
      if (session.eventsUntilOffline-- === 0) {
        session.offlineUntilMs = session.timeMs + offlineMs(session.stream);
        if (session.offlineUntilMs < 0) return false;
      }
      if (session.offlineUntilMs > session.timeMs) this.#keepForLater(session);
      else takeSilently(session, NORMAL);
      if (!proceed(session, NORMAL)) return false;
    }
    return session.offlineUntilMs > session.timeMs;
  }

  #keepForLater(session: Session): void {
    settle(session, NORMAL);
    const wallMs = this.#wall(session.timeMs);
    const record = recordOf(session, uuidAt(wallMs, session.stream), wallMs);
    this.#later(session.offlineUntilMs, session.workspace, JSON.stringify(record), 'delayed');
  }

  /** Handles everything before `modelMs`. */
  #drain(modelMs: number): void {
    while (this.#queue.nextMs < modelMs) {
      const next = this.#queue.pop();
      if (next === undefined) return;
      if (next.kind === 'session') this.#step(next);
      else this.#emit(next.timeMs, next.workspace, next.body, next.fate);
    }
  }

  #step(session: Session): void {
    const shop = this.#shops[session.workspace];
    if (shop === undefined) return;
    settle(session, this.#conditions);
    const wallMs = this.#wall(session.timeMs);
    const record = recordOf(session, this.#newId(session, wallMs), wallMs);
    this.#send(session, record, wallMs);
    this.#note(accountChange(session, shop.population, wallMs));
    if (proceed(session, this.#conditions)) {
      this.#queue.push(session);
      return;
    }
    this.#note(farewell(session, shop.population, wallMs));
    shop.leave(session.person);
  }

  #newId(session: Session, wallMs: number): string {
    const { stream, workspace } = session;
    if (workspace === 0) {
      const id = uuidAt(wallMs, stream);
      this.#recentIds.push(id);
      if (this.#recentIds.length > SHARED_IDS) this.#recentIds.shift();
      return id;
    }
    const shared = stream.chance(SHARED_ID_RATE) ? this.#recentIds.shift() : undefined;
    return shared ?? uuidAt(wallMs, stream);
  }

  /** Sends the record now or when the network is back, with the faults of clients. */
  #send(session: Session, record: EventRecord, wallMs: number): void {
    const { stream, workspace, timeMs } = session;
    const body = JSON.stringify(record);
    if (session.eventsUntilOffline-- === 0) session.offlineUntilMs = timeMs + offlineMs(stream);
    const delayed = session.offlineUntilMs > timeMs;
    const sendMs = delayed ? session.offlineUntilMs : timeMs;
    if (delayed) this.#later(sendMs, workspace, body, 'delayed');
    else this.#emit(timeMs, workspace, body, 'sound');
    if (stream.chance(this.#faults.duplicate)) this.#later(sendMs + resendMs(stream), workspace, body, 'duplicate');
    if (stream.chance(this.#faults.malformed)) {
      const broken = malformed(record, uuidAt(wallMs, stream), stream.pick(MALFORMATIONS), wallMs);
      this.#emit(timeMs, workspace, JSON.stringify(broken), 'malformed');
    }
  }

  #later(timeMs: number, workspace: number, body: string, fate: Fate): void {
    this.#queue.push({ kind: 'delivery', timeMs, order: 0, workspace, body, fate });
  }

  #emit(modelMs: number, workspace: number, body: string, fate: Fate): void {
    const name = SHOPS[workspace]?.workspace;
    if (name !== undefined) this.#emissions.push({ timeMs: this.#wall(modelMs), workspace: name, body, fate });
  }

  #note(change: ProfileChange | null): void {
    if (change !== null) this.#profileChanges.push(change);
  }
}
