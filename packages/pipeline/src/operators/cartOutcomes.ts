import type { Section } from '../state/index.ts';
import { CART_TIMEOUT_MS } from '../time/constants.ts';
import type { CartSteps } from './cartSteps.ts';
import type { CellPane } from './cellPane.ts';
import { combinationOf, MEMBERS_PER_PLACE, memberOf, type Place } from './memberSets.ts';
import { PaneSeries } from './paneSeries.ts';
import { END } from './slotChains.ts';

const MINUTE_MS = 60_000;
export const DUE = 0;
export const ABANDONED = 1;

/** What became of a cart step. One that the person's next step prolongs has no outcome, nor has a purchase. */
type Outcome = 'none' | 'converted' | 'abandoned';

/** A cart or purchase event of one person. */
export interface CartStep extends Place {
  readonly timeMs: number;
  readonly isPurchase: boolean;
}

/**
 * Outcomes of one workspace's carts. A cart lives from its first `cart` event, each further one within 30 min
 * prolongs it, a purchase within 30 min of the last one converts it; else it is abandoned. Either way it belongs to
 * the minute `last cart + 30 min` and to the last cart event's region, platform and tier.
 *
 * No timers: every step of a person takes back the outcomes that it may change and enters them anew. Outcomes
 * whose minute lies ahead of the append clock are what will happen if nothing else does; they are not shown yet.
 */
export class CartOutcomes {
  readonly #minutes: PaneSeries;

  constructor(minutes = new PaneSeries(2, MINUTE_MS)) {
    this.#minutes = minutes;
  }

  /** Enters the step of the person at `slot`. Only its own outcome and that of the one before it can change. */
  add(steps: CartSteps, slot: number, step: CartStep, members: number): void {
    const { timeMs, isPurchase } = step;
    const combination = combinationOf(step);
    const later = steps.later(slot, timeMs, isPurchase);
    const earlier = steps.earlier(slot, later);
    const added = steps.insert(slot, later, timeMs, isPurchase, combination);
    const old = outcomeOf(steps, earlier, later);
    const settled = outcomeOf(steps, earlier, added);
    const opened = outcomeOf(steps, added, later);
    if (old !== 'none' && settled === 'none' && old === opened && countsAlike(steps, earlier, added)) return;
    // An outcome that stays as it is must not touch its minute: it may be closed.
    if (old !== settled) {
      this.#enter(steps, earlier, old, -1, members);
      this.#enter(steps, earlier, settled, 1, members);
    }
    this.#enter(steps, added, opened, 1, members);
  }

  #enter(steps: CartSteps, cart: number, outcome: Outcome, by: 1 | -1, members: number): void {
    if (outcome === 'none') return;
    const pane = this.#minutes.at(steps.timeMs(cart) + CART_TIMEOUT_MS, members);
    const combination = steps.combination(cart);
    for (let i = 0; i < MEMBERS_PER_PLACE; i++) {
      const member = memberOf(combination, i);
      pane.add(member, DUE, by);
      if (outcome === 'abandoned') pane.add(member, ABANDONED, by);
    }
  }

  /** Visits the changed minutes that the append clock has reached, oldest first. */
  takeDirty(appendTimeMs: number, visit: (startMs: number, pane: CellPane) => void): void {
    this.#minutes.takeDirty(appendTimeMs, visit);
  }

  /** Closes minutes behind the watermark. */
  close(watermarkMs: number): void {
    this.#minutes.close(watermarkMs);
  }

  toSection(name: string): Section {
    return this.#minutes.toSection(name);
  }

  static fromSection(section: Section): CartOutcomes {
    return new CartOutcomes(PaneSeries.fromSection(section, 2, MINUTE_MS));
  }
}

/** The outcome of a step when `next` is the person's next one; both may be {@link END}. */
function outcomeOf(steps: CartSteps, step: number, next: number): Outcome {
  if (step === END || steps.isPurchase(step)) return 'none';
  const inTime = next !== END && steps.timeMs(next) < steps.timeMs(step) + CART_TIMEOUT_MS;
  if (!inTime) return 'abandoned';
  return steps.isPurchase(next) ? 'converted' : 'none';
}

/** True if the same outcome of both counts in the same minute and place. */
function countsAlike(steps: CartSteps, a: number, b: number): boolean {
  const minute = (step: number): number => Math.floor((steps.timeMs(step) + CART_TIMEOUT_MS) / MINUTE_MS);
  return minute(a) === minute(b) && steps.combination(a) === steps.combination(b);
}
