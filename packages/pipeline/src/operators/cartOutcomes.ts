import { f64, requireSection, type Section, u32 } from '../state/index.ts';
import { CART_TIMEOUT_MS } from '../time/constants.ts';
import type { CellPane } from './cellPane.ts';
import { platformMember, regionMember, regionPlatformMember, TOTAL, tierMember } from './memberIndex.ts';
import { PaneSeries } from './paneSeries.ts';

const MINUTE_MS = 60_000;
export const DUE = 0;
export const ABANDONED = 1;

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
    const before = this.#steps.get(slot) ?? [];
    const after = insert(before, step);
    const old = outcomes(before);
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
    const slots: number[] = [];
    const numbers: number[] = [];
    for (const slot of [...this.#steps.keys()].sort((a, b) => a - b))
      for (const s of this.#steps.get(slot) ?? []) {
        slots.push(slot);
        numbers.push(s.timeMs, s.isPurchase ? 1 : 0, s.region, s.platform, s.tier);
      }
    return [
      this.#minutes.toSection(`${prefix}/minutes`),
      { name: `${prefix}/steps`, head: {}, columns: [Uint32Array.from(slots), Float64Array.from(numbers)] },
    ];
  }

  static fromSections(sections: ReadonlyMap<string, Section>, prefix: string): CartOutcomes {
    const carts = new CartOutcomes(PaneSeries.fromSection(requireSection(sections, `${prefix}/minutes`), 2, MINUTE_MS));
    const section = requireSection(sections, `${prefix}/steps`);
    const numbers = f64(section, 1);
    u32(section, 0).forEach((slot, i) => {
      const n = (k: number): number => numbers[i * 5 + k] ?? 0;
      const steps = carts.#steps.get(slot) ?? [];
      steps.push({ timeMs: n(0), isPurchase: n(1) === 1, region: n(2), platform: n(3), tier: n(4) });
      carts.#steps.set(slot, steps);
    });
    return carts;
  }
}

/** Sorted by time; at equal times carts come before purchases, and the earlier record first. */
function insert(steps: readonly Step[], step: Step): Step[] {
  let at = steps.length;
  while (at > 0) {
    const other = steps[at - 1] as Step;
    if (other.timeMs < step.timeMs || (other.timeMs === step.timeMs && (!other.isPurchase || step.isPurchase))) break;
    at--;
  }
  return [...steps.slice(0, at), step, ...steps.slice(at)];
}

function outcomes(steps: readonly Step[]): Outcome[] {
  const found: Outcome[] = [];
  let cart: Step | null = null;
  for (const step of steps) {
    if (cart !== null) {
      const inTime = step.timeMs < cart.timeMs + CART_TIMEOUT_MS;
      if (step.isPurchase || !inTime)
        found.push({ dueMs: cart.timeMs + CART_TIMEOUT_MS, cart, abandoned: !(step.isPurchase && inTime) });
    }
    cart = step.isPurchase ? null : step;
  }
  if (cart !== null) found.push({ dueMs: cart.timeMs + CART_TIMEOUT_MS, cart, abandoned: true });
  return found;
}

/** Outcomes that stay as they are must not touch their minute: it may be closed. */
function holds(found: readonly Outcome[], outcome: Outcome): boolean {
  return found.some((o) => o.cart === outcome.cart && o.abandoned === outcome.abandoned);
}

function enterMember(pane: CellPane, member: number, abandoned: boolean, by: 1 | -1): void {
  pane.add(member, DUE, by);
  if (abandoned) pane.add(member, ABANDONED, by);
}
