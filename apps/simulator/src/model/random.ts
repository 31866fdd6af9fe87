/**
 * Seeded randomness. A stream is split into independent ones by naming them, so that what one shopper does never
 * depends on how often another one rolled the dice.
 */
const TWO_32 = 4_294_967_296;

/** 32-bit mix (murmur3's finaliser). */
function mix32(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A well-mixed 32-bit number of the parts in their order; numbers count with their lower 53 bits. */
export function hash32(seed: number, ...parts: readonly (number | string)[]): number {
  let h = mix32(seed ^ 0x9e3779b9);
  for (const part of parts) {
    if (typeof part === 'number') {
      h = mix32(Math.imul(h, 31) ^ (part >>> 0));
      h = mix32(Math.imul(h, 31) ^ Math.floor(part / TWO_32));
    } else {
      for (let i = 0; i < part.length; i++) h = Math.imul(h ^ part.charCodeAt(i), 0x01000193);
      h = mix32(h ^ part.length);
    }
  }
  return h;
}

/** Uniform in [0, 1), from the parts alone. */
export function hashUnit(seed: number, ...parts: readonly (number | string)[]): number {
  return hash32(seed, ...parts) / TWO_32;
}

/** xoroshiro64** (Blackman and Vigna, 2018): two words of state, cheap enough for one stream per session. */
export class RandomStream {
  #a: number;
  #b: number;

  constructor(seed: number, ...parts: readonly (number | string)[]) {
    this.#a = hash32(seed, 'a', ...parts) | 1;
    this.#b = hash32(seed, 'b', ...parts);
  }

  uint32(): number {
    const a = this.#a;
    const product = Math.imul(a, 0x9e3779bb);
    const result = Math.imul((product << 5) | (product >>> 27), 5) >>> 0;
    const b = this.#b ^ a;
    this.#a = ((a << 26) | (a >>> 6)) ^ b ^ (b << 9);
    this.#b = (b << 13) | (b >>> 19);
    return result;
  }

  /** Uniform in [0, 1). */
  next(): number {
    return this.uint32() / TWO_32;
  }

  /** Integer in [0, below). */
  int(below: number): number {
    return Math.floor(this.next() * below);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.int(items.length)] ?? items[0];
  }

  /** Index into `weights`, which need not add up to one. */
  weighted(weights: readonly number[]): number {
    let left = this.next() * weights.reduce((sum, w) => sum + w, 0);
    for (let i = 0; i < weights.length; i++) {
      left -= weights[i] ?? 0;
      if (left < 0) return i;
    }
    return weights.length - 1;
  }

  /** Standard normal (Box-Muller, one of the pair). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** Log-normal with the given median; `sigma` is the deviation of the logarithm. */
  logNormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  /** Poisson count: Knuth's product for small means, the rounded normal for large ones. */
  poisson(mean: number): number {
    if (mean <= 0) return 0;
    if (mean > 40) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.next(); product > limit; product *= this.next()) count++;
    return count;
  }
}
