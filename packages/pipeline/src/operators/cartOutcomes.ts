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

  /** Only the outcomes of the step itself and of the one before it can change. */
  add(slot: number, step: Step, members: number): void {
    const steps = this.#steps.get(slot) ?? [];
    if (steps.length === 0) this.#steps.set(slot, steps);
    const at = placeOf(steps, step);
    const before = steps[at - 1];
    const after = steps[at] ?? null;
    steps.splice(at, 0, step);
    const old = before === undefined ? null : outcomeOf(before, after);
    const settled = before === undefined ? null : outcomeOf(before, step);
    const opened = outcomeOf(step, after);
    if (old !== null && settled === null && opened !== null && countsAlike(old, opened)) return;
    // An outcome that stays as it is must not touch its minute: it may be closed.
    if (old?.abandoned !== settled?.abandoned) {
      if (old !== null) this.#enter(old, -1, members);
      if (settled !== null) this.#enter(settled, 1, members);
    }
    if (opened !== null) this.#enter(opened, 1, members);
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

/** Index before which the step belongs. Most steps come last. */
function placeOf(steps: readonly Step[], step: Step): number {
  let at = steps.length;
  while (at > 0 && !comesBefore(steps[at - 1] as Step, step)) at--;
  return at;
}

/** The outcome of a step when `next` is the person's next one; null for purchases and for a cart that `next` prolongs. */
function outcomeOf(step: Step, next: Step | null): Outcome | null {
  if (step.isPurchase) return null;
  const dueMs = step.timeMs + CART_TIMEOUT_MS;
  const inTime = next !== null && next.timeMs < dueMs;
  if (inTime && !next.isPurchase) return null;
  return { dueMs, cart: step, abandoned: !inTime };
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

function enterMember(pane: CellPane, member: number, abandoned: boolean, by: 1 | -1): void {
  pane.add(member, DUE, by);
  if (abandoned) pane.add(member, ABANDONED, by);
}
