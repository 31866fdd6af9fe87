import { f64, type Section, u32 } from '../state/index.ts';

const EMPTY = -1;

/** Packs (slot, member) into one exact double: slot < 2^36, member < 2^17. */
export function pairOf(slot: number, member: number): number {
  return slot * 131_072 + member;
}

export function slotOf(pair: number): number {
  return Math.floor(pair / 131_072);
}

export function memberOf(pair: number): number {
  return pair % 131_072;
}

/** Open-addressing map from pairs to 32-bit numbers. Hot: linear probing, load ≤ 1/2, no allocation but growth. */
export class PairTable {
  #keys: Float64Array;
  #values: Uint32Array;
  #mask: number;
  size = 0;

  constructor(capacity = 64) {
    this.#keys = new Float64Array(capacity).fill(EMPTY);
    this.#values = new Uint32Array(capacity);
    this.#mask = capacity - 1;
  }

  #find(pair: number): number {
    const keys = this.#keys;
    const mask = this.#mask;
    let i = hash(pair) & mask;
    for (;;) {
      const k = keys[i] as number;
      if (k === pair || k === EMPTY) return i;
      i = (i + 1) & mask;
    }
  }

  has(pair: number): boolean {
    return this.#keys[this.#find(pair)] !== EMPTY;
  }

  get(pair: number): number | undefined {
    const i = this.#find(pair);
    return this.#keys[i] === EMPTY ? undefined : this.#values[i];
  }

  /** Adds the pair if it is missing; true if it was. An existing value stays. */
  add(pair: number, value = 1): boolean {
    const i = this.#find(pair);
    if (this.#keys[i] !== EMPTY) return false;
    this.#insert(i, pair, value);
    return true;
  }

  set(pair: number, value: number): void {
    const i = this.#find(pair);
    if (this.#keys[i] === EMPTY) this.#insert(i, pair, value);
    else this.#values[i] = value;
  }

  #insert(i: number, pair: number, value: number): void {
    this.#keys[i] = pair;
    this.#values[i] = value;
    if (++this.size * 2 > this.#mask) this.#grow();
  }

  /** Removes the pair by shifting back what probed past it. */
  delete(pair: number): void {
    const keys = this.#keys;
    const mask = this.#mask;
    let hole = this.#find(pair);
    if (keys[hole] === EMPTY) return;
    this.size--;
    for (let i = (hole + 1) & mask; keys[i] !== EMPTY; i = (i + 1) & mask) {
      const home = hash(keys[i] as number) & mask;
      if (((i - home) & mask) < ((i - hole) & mask)) continue;
      keys[hole] = keys[i] as number;
      this.#values[hole] = this.#values[i] as number;
      hole = i;
    }
    keys[hole] = EMPTY;
  }

  forEach(visit: (pair: number, value: number) => void): void {
    for (let i = 0; i <= this.#mask; i++)
      if (this.#keys[i] !== EMPTY) visit(this.#keys[i] as number, this.#values[i] as number);
  }

  #grow(): void {
    const old = this.#keys;
    const values = this.#values;
    this.#keys = new Float64Array(old.length * 2).fill(EMPTY);
    this.#values = new Uint32Array(old.length * 2);
    this.#mask = old.length * 2 - 1;
    for (let i = 0; i < old.length; i++) {
      if (old[i] === EMPTY) continue;
      const to = this.#find(old[i] as number);
      this.#keys[to] = old[i] as number;
      this.#values[to] = values[i] as number;
    }
  }

  /** The entries as columns, sorted by pair: the same content gives the same bytes. */
  toColumns(): readonly [Float64Array, Uint32Array] {
    const pairs = new Float64Array(this.size);
    let n = 0;
    this.forEach((pair) => {
      pairs[n++] = pair;
    });
    pairs.sort();
    return [pairs, Uint32Array.from(pairs, (p) => this.get(p) ?? 0)];
  }

  static fromSection(section: Section, at: number): PairTable {
    const pairs = f64(section, at);
    const values = u32(section, at + 1);
    let capacity = 64;
    while (capacity < pairs.length * 2 + 2) capacity *= 2;
    const table = new PairTable(capacity);
    for (let i = 0; i < pairs.length; i++) table.set(pairs[i] as number, values[i] as number);
    return table;
  }
}

function hash(pair: number): number {
  const high = Math.floor(pair / 4_294_967_296);
  let h = Math.imul((pair >>> 0) ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
  h ^= h >>> 15;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
