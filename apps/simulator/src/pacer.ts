import type { Emission, ProfileChange, ShopModel } from './model/index.ts';

/** Where the model's records and changes go. */
export interface Outlet {
  /** False while the records sent already are more than can wait. */
  readonly hasRoom: boolean;
  record(emission: Emission): void;
  profile(change: ProfileChange): void;
}

/** Catching up, the model lives at most this many times as fast as the clock. */
const CATCH_UP = 4;
/** Least step while catching up, so that a slow timer does not hold the model back. */
const CATCH_UP_FLOOR_MS = 200;
/** Further behind than this (a long outage, a sleeping machine), people do what they would have done later instead. */
const LONGEST_LAG_MS = 60_000;

/**
 * Keeps the model beside the wall clock. Without room downstream it stands still (nothing is dropped), then catches
 * up at a bounded speed; after a long stop the rest of the model's life is postponed.
 */
export class Pacer {
  readonly #model: ShopModel;
  readonly #outlet: Outlet;
  #lastMs: number;
  #postponedMs = 0;

  constructor(model: ShopModel, outlet: Outlet) {
    this.#model = model;
    this.#outlet = outlet;
    this.#lastMs = model.nowMs;
  }

  /** Sum of all that was put off. */
  get postponedMs(): number {
    return this.#postponedMs;
  }

  /** How far the model is behind. */
  lagMs(nowMs: number): number {
    return Math.max(0, nowMs - this.#model.nowMs);
  }

  /** Lives up to `nowMs`, as far as there is room. Called every 50 ms or so. */
  tick(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    if (!this.#outlet.hasRoom) return;
    const lagMs = this.lagMs(nowMs);
    if (lagMs > LONGEST_LAG_MS) {
      this.#model.postpone(lagMs);
      this.#postponedMs += lagMs;
      return;
    }
    const reachMs = this.#model.nowMs + Math.max(CATCH_UP_FLOOR_MS, CATCH_UP * elapsedMs);
    const { emissions, profileChanges } = this.#model.advance(Math.min(nowMs, reachMs));
    for (const emission of emissions) this.#outlet.record(emission);
    for (const change of profileChanges) this.#outlet.profile(change);
  }
}
