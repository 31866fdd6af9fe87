import { f64, type Section, u32 } from '../state/index.ts';
import { CART_TIMEOUT_MS } from '../time/constants.ts';
import { grown } from './growing.ts';
import { END, SlotChains } from './slotChains.ts';

/**
 * The cart and purchase events of every person that a record to come may still bear upon, newest first. Slots belong
 * to one workspace each, so one table serves all workspaces.
 */
export class CartSteps {
  #chains = new SlotChains();
  #timesMs = new Float64Array(0);
  /** Combination × 2, + 1 for a purchase. */
  #codes = new Uint32Array(0);

  timeMs(step: number): number {
    return this.#timesMs[step] as number;
  }

  isPurchase(step: number): boolean {
    return ((this.#codes[step] as number) & 1) === 1;
  }

  /** Region × platform × tier of the event. */
  combination(step: number): number {
    return (this.#codes[step] as number) >>> 1;
  }

  /**
   * The person's step that a new one comes right before, or {@link END} if it comes last. By time; at equal times
   * carts come before purchases, and the earlier record first.
   */
  later(slot: number, timeMs: number, isPurchase: boolean): number {
    let later = END;
    for (let step = this.#chains.first(slot); step !== END; step = this.#chains.next(step)) {
      const stepMs = this.#timesMs[step] as number;
      if (stepMs < timeMs || (stepMs === timeMs && (isPurchase || !this.isPurchase(step)))) break;
      later = step;
    }
    return later;
  }

  /** The person's step right before `later`, which is {@link END} for after the last one. */
  earlier(slot: number, later: number): number {
    return later === END ? this.#chains.first(slot) : this.#chains.next(later);
  }

  /** Enters a step right before `later`. */
  insert(slot: number, later: number, timeMs: number, isPurchase: boolean, combination: number): number {
    const step = this.#chains.insert(slot, later);
    if (step >= this.#timesMs.length) {
      this.#timesMs = grown(this.#timesMs, this.#chains.capacity);
      this.#codes = grown(this.#codes, this.#chains.capacity);
    }
    this.#timesMs[step] = timeMs;
    this.#codes[step] = combination * 2 + (isPurchase ? 1 : 0);
    return step;
  }

  /**
   * Forgets what no record to come can bear upon: records are no older than the watermark, so of a person's steps
   * before it only the last one can be a neighbour of a new one, and that only while its cart can still be prolonged.
   */
  close(watermarkMs: number): void {
    const chains = this.#chains;
    for (let slot = 0; slot < chains.slots; slot++) {
      let kept = END;
      let step = chains.first(slot);
      for (; step !== END; step = chains.next(step)) {
        const timeMs = this.#timesMs[step] as number;
        if (timeMs + CART_TIMEOUT_MS < watermarkMs) break;
        kept = step;
        if (timeMs < watermarkMs) break;
      }
      if (step !== END) chains.cut(slot, kept);
    }
  }

  /** Steps kept. */
  get size(): number {
    return this.#chains.size;
  }

  toSection(name: string): Section {
    const chains = this.#chains;
    const slots = new Uint32Array(chains.size);
    const timesMs = new Float64Array(chains.size);
    const codes = new Uint32Array(chains.size);
    let at = chains.size;
    for (let slot = chains.slots - 1; slot >= 0; slot--)
      for (let step = chains.first(slot); step !== END; step = chains.next(step)) {
        slots[--at] = slot;
        timesMs[at] = this.#timesMs[step] as number;
        codes[at] = this.#codes[step] as number;
      }
    return { name, head: {}, columns: [slots, timesMs, codes] };
  }

  static fromSection(section: Section): CartSteps {
    const steps = new CartSteps();
    const timesMs = f64(section, 1);
    const codes = u32(section, 2);
    u32(section, 0).forEach((slot, i) => {
      const code = codes[i] as number;
      steps.insert(slot, END, timesMs[i] as number, (code & 1) === 1, code >>> 1);
    });
    return steps;
  }
}
