import { type Section, u32 } from '../state/index.ts';

/**
 * Which finest combinations (region × platform × tier) each user was seen in, for one window. Most users have
 * exactly one: it lies in an array by slot; the few others are in a map beside it. Hot: one array access for a
 * user seen before.
 */
export class UserPlaces {
  /** Combination + 1 of a slot's first one; 0 = none. */
  #first: Uint32Array;
  #more = new Map<number, number[]>();

  constructor(slots: number) {
    this.#first = new Uint32Array(Math.max(64, slots));
  }

  /** Adds the combination; returns the user's combinations before, or null if it was among them. */
  add(slot: number, combination: number): readonly number[] | null {
    if (slot >= this.#first.length) this.#grow(slot);
    const first = this.#first[slot] as number;
    if (first === combination + 1) return null;
    if (first === 0) {
      this.#first[slot] = combination + 1;
      return NONE;
    }
    const more = this.#more.get(slot);
    if (more === undefined) {
      this.#more.set(slot, [combination]);
      return [first - 1];
    }
    if (more.includes(combination)) return null;
    const before = [first - 1, ...more];
    more.push(combination);
    return before;
  }

  #grow(slot: number): void {
    const grown = new Uint32Array(Math.max(this.#first.length * 2, slot + 1));
    grown.set(this.#first);
    this.#first = grown;
  }

  /** Slots and combinations, as two columns. */
  toColumns(): readonly [Uint32Array, Uint32Array] {
    let size = 0;
    for (let slot = 0; slot < this.#first.length; slot++) if (this.#first[slot] !== 0) size++;
    for (const more of this.#more.values()) size += more.length;
    const slots = new Uint32Array(size);
    const combinations = new Uint32Array(size);
    let n = 0;
    for (let slot = 0; slot < this.#first.length; slot++) {
      if (this.#first[slot] === 0) continue;
      slots[n] = slot;
      combinations[n++] = (this.#first[slot] as number) - 1;
    }
    for (const [slot, more] of this.#more)
      for (const combination of more) {
        slots[n] = slot;
        combinations[n++] = combination;
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
