import { type Section, u32 } from '../state/index.ts';
import { grown } from './growing.ts';
import { END, SlotChains } from './slotChains.ts';

/**
 * Which finest combinations (region × platform × tier) each user was seen in, for one window. Most users have
 * exactly one: it lies in an array by slot; further ones are chained. Hot: one array access for a user seen before.
 */
export class UserPlaces {
  /** Combination + 1 of a slot's first one; 0 = none. */
  #first: Uint32Array;
  #more: SlotChains | null = null;
  /** Combination of a node of `#more`. */
  #combinations = new Uint32Array(0);

  constructor(slots: number) {
    this.#first = new Uint32Array(Math.max(64, slots));
  }

  /** Adds the combination; returns the user's combinations before, or null if it was among them. */
  add(slot: number, combination: number): readonly number[] | null {
    if (slot >= this.#first.length) this.#first = grown(this.#first, slot + 1);
    const first = this.#first[slot] as number;
    if (first === combination + 1) return null;
    if (first === 0) {
      this.#first[slot] = combination + 1;
      return NONE;
    }
    this.#more ??= new SlotChains();
    for (let node = this.#more.first(slot); node !== END; node = this.#more.next(node))
      if (this.#combinations[node] === combination) return null;
    const before = this.#combinationsOf(slot);
    const node = this.#more.insert(slot, END);
    if (node >= this.#combinations.length) this.#combinations = grown(this.#combinations, this.#more.capacity);
    this.#combinations[node] = combination;
    return before;
  }

  #combinationsOf(slot: number): readonly number[] {
    const combinations = [(this.#first[slot] as number) - 1];
    if (this.#more !== null)
      for (let node = this.#more.first(slot); node !== END; node = this.#more.next(node))
        combinations.push(this.#combinations[node] as number);
    return combinations;
  }

  /** Slots and combinations, as two columns. */
  toColumns(): readonly [Uint32Array, Uint32Array] {
    const more = this.#more;
    let size = more?.size ?? 0;
    for (let slot = 0; slot < this.#first.length; slot++) if (this.#first[slot] !== 0) size++;
    const slots = new Uint32Array(size);
    const combinations = new Uint32Array(size);
    let n = 0;
    for (let slot = 0; slot < this.#first.length; slot++) {
      if (this.#first[slot] === 0) continue;
      slots[n] = slot;
      combinations[n++] = (this.#first[slot] as number) - 1;
      if (more === null) continue;
      for (let node = more.first(slot); node !== END; node = more.next(node)) {
        slots[n] = slot;
        combinations[n++] = this.#combinations[node] as number;
      }
    }
    return [slots, combinations];
  }

  static fromSection(section: Section, at: number): UserPlaces {
    const slots = u32(section, at);
    const combinations = u32(section, at + 1);
    const places = new UserPlaces(slots.length);
    slots.forEach((slot, i) => {
      places.add(slot, combinations[i] as number);
    });
    return places;
  }
}

const NONE: readonly number[] = [];
