import { f64, requireSection, type Section, u32 } from '../state/index.ts';
import { CART_TIMEOUT_MS } from '../time/constants.ts';
import type { CellPane } from './cellPane.ts';
import { platformMember, regionMember, regionPlatformMember, TOTAL, tierMember } from './memberIndex.ts';
import { PaneSeries } from './paneSeries.ts';

const MINUTE_MS = 60_000;
export const DUE = 0;
export const ABANDONED = 1;
const STEP_NUMBERS = 5;

/** A cart or purchase event of one person. */
interface Step {
  readonly timeMs: number;
  readonly isPurchase: boolean;
  readonly region: number;
  readonly platform: number;
  readonly tier: number;
}

interface Outcome {
  readonly dueMs: number;
  readonly cart: Step;
  readonly abandoned: boolean;
}

/**
 * Outcomes of carts. A cart lives from its first `cart` event, each further one within 30 min prolongs it, a
 * purchase within 30 min of the last one converts it; else it is abandoned. Either way it belongs to the minute
 * `last cart + 30 min` and to the last cart event's region, platform and tier.
 *
 * No timers: every step of a person takes back the outcomes that it may change and enters them anew. Outcomes
 * whose minute lies ahead of the append clock are what will happen if nothing else does; they are not shown yet.
 */
export class CartOutcomes {
  #steps = new Map<number, Step[]>();
  readonly #minutes: PaneSeries;

  constructor(minutes = new PaneSeries(2, MINUTE_MS)) {
    this.#minutes = minutes;
  }

  add(slot: number, step: Step, members: number): void {
    const steps = this.#steps.get(slot);
    if (steps === undefined) {
      this.#steps.set(slot, [step]);
      if (!step.isPurchase) this.#enter(outcomeOf(step, null), 1, members);
    } else if (comesBefore(steps[steps.length - 1] as Step, step)) this.#append(steps, step, members);
    else this.#insert(slot, steps, step, members);
  }

  /** The usual case, a step after all others: only the last cart's outcome can change. */
  #append(steps: Step[], step: Step, members: number): void {
    const last = steps[steps.length - 1] as Step;
    steps.push(step);
    const old = last.isPurchase ? null : outcomeOf(last, null);
    const settled = last.isPurchase ? null : outcomeOf(last, step);
    const opened = step.isPurchase ? null : outcomeOf(step, null);
    if (old !== null && opened !== null && settled === null && countsAlike(old, opened)) return;
    if (old !== null && (settled === null || settled.abandoned !== old.abandoned)) {
      this.#enter(old, -1, members);
      if (settled !== null) this.#enter(settled, 1, members);
    }
    if (opened !== null) this.#enter(opened, 1, members);
  }

  /** A step among others: what it changes is found by comparing all outcomes of the person. */
  #insert(slot: number, steps: readonly Step[], step: Step, members: number): void {
    const after = insert(steps, step);
    const old = outcomes(steps);
    const now = outcomes(after);
    for (const o of old) if (!holds(now, o)) this.#enter(o, -1, members);
    for (const o of now) if (!holds(old, o)) this.#enter(o, 1, members);
    this.#steps.set(slot, after);
  }

  #enter(o: Outcome, by: 1 | -1, members: number): void {
    const pane = this.#minutes.at(o.dueMs, members);
    const { region, platform, tier } = o.cart;
    enterMember(pane, TOTAL, o.abandoned, by);
    enterMember(pane, platformMember(platform), o.abandoned, by);
    enterMember(pane, tierMember(tier), o.abandoned, by);
    enterMember(pane, regionMember(region), o.abandoned, by);
    enterMember(pane, regionPlatformMember(region, platform), o.abandoned, by);
  }

  /** Visits the changed minutes that the append clock has reached, oldest first. */
  takeDirty(appendTimeMs: number, visit: (startMs: number, pane: CellPane) => void): void {
    this.#minutes.takeDirty(appendTimeMs, visit);
  }

  /** Closes minutes behind the watermark and forgets steps that no record to come can bear upon. */
  close(watermarkMs: number): void {
    this.#minutes.close(watermarkMs);
    for (const [slot, steps] of this.#steps) {
      const first = steps.findIndex((s) => s.timeMs + CART_TIMEOUT_MS >= watermarkMs);
      if (first === 0) continue;
      if (first < 0) this.#steps.delete(slot);
      else this.#steps.set(slot, steps.slice(first));
    }
  }

  toSections(prefix: string): readonly Section[] {
    let size = 0;
    for (const steps of this.#steps.values()) size += steps.length;
    const slots = new Uint32Array(size);
    const numbers = new Float64Array(size * STEP_NUMBERS);
    let n = 0;
    for (const [slot, steps] of this.#steps)
      for (const s of steps) {
        slots[n] = slot;
        numbers.set([s.timeMs, s.isPurchase ? 1 : 0, s.region, s.platform, s.tier], n++ * STEP_NUMBERS);
      }
    return [
      this.#minutes.toSection(`${prefix}/minutes`),
      { name: `${prefix}/steps`, head: {}, columns: [slots, numbers] },
    ];
  }

  static fromSections(sections: ReadonlyMap<string, Section>, prefix: string): CartOutcomes {
    const carts = new CartOutcomes(PaneSeries.fromSection(requireSection(sections, `${prefix}/minutes`), 2, MINUTE_MS));
    const section = requireSection(sections, `${prefix}/steps`);
    const numbers = f64(section, 1);
    u32(section, 0).forEach((slot, i) => {
      const n = (k: number): number => numbers[i * STEP_NUMBERS + k] ?? 0;
      const steps = carts.#steps.get(slot) ?? [];
      steps.push({ timeMs: n(0), isPurchase: n(1) === 1, region: n(2), platform: n(3), tier: n(4) });
      carts.#steps.set(slot, steps);
    });
    return carts;
  }
}

/** By time; at equal times carts come before purchases, and the earlier record first. */
function comesBefore(step: Step, later: Step): boolean {
  return step.timeMs < later.timeMs || (step.timeMs === later.timeMs && (!step.isPurchase || later.isPurchase));
}

function insert(steps: readonly Step[], step: Step): Step[] {
  let at = steps.length;
  while (at > 0 && !comesBefore(steps[at - 1] as Step, step)) at--;
  return [...steps.slice(0, at), step, ...steps.slice(at)];
}

/** The outcome of a cart event when `next` is the person's next step; null if that prolongs the cart. */
function outcomeOf(cart: Step, next: null): Outcome;
function outcomeOf(cart: Step, next: Step | null): Outcome | null;
function outcomeOf(cart: Step, next: Step | null): Outcome | null {
  const dueMs = cart.timeMs + CART_TIMEOUT_MS;
  const inTime = next !== null && next.timeMs < dueMs;
  if (inTime && !next.isPurchase) return null;
  return { dueMs, cart, abandoned: !inTime };
}

function outcomes(steps: readonly Step[]): Outcome[] {
  return steps.flatMap((step, i) => {
    const outcome = step.isPurchase ? null : outcomeOf(step, steps[i + 1] ?? null);
    return outcome === null ? [] : [outcome];
  });
}

/** True if both add the same to the same minute and place. */
function countsAlike(a: Outcome, b: Outcome): boolean {
  return (
    Math.floor(a.dueMs / MINUTE_MS) === Math.floor(b.dueMs / MINUTE_MS) &&
    a.abandoned === b.abandoned &&
    a.cart.region === b.cart.region &&
    a.cart.platform === b.cart.platform &&
    a.cart.tier === b.cart.tier
  );
}

/** Outcomes that stay as they are must not touch their minute: it may be closed. */
function holds(found: readonly Outcome[], outcome: Outcome): boolean {
  return found.some((o) => o.cart === outcome.cart && o.abandoned === outcome.abandoned);
}

function enterMember(pane: CellPane, member: number, abandoned: boolean, by: 1 | -1): void {
  pane.add(member, DUE, by);
  if (abandoned) pane.add(member, ABANDONED, by);
}
