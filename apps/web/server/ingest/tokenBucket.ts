export interface TokenBucketOptions {
  readonly perSecond: number;
  /** Most tokens saved up; a larger request passes when the bucket is full, and owes the rest. */
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Names remembered: beyond, the longest unused are forgotten, which only ever gives somebody a fresh bucket. */
const MAX_NAMES = 10_000;

/** Rate limits by name (a workspace): so much per second, with a burst. */
export class TokenBuckets {
  readonly #options: TokenBucketOptions;
  readonly #nowMs: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: TokenBucketOptions, nowMs: () => number) {
    this.#options = options;
    this.#nowMs = nowMs;
  }

  /** Takes the tokens and returns 0, or takes none and returns how many seconds to wait. */
  take(name: string, count: number): number {
    const waitS = this.waitFor(name, count);
    if (waitS === 0) this.#refilled(name).tokens -= count;
    return waitS;
  }

  /** Seconds until so many could be taken; 0 = now. */
  waitFor(name: string, count: number): number {
    const { perSecond, burst } = this.#options;
    return Math.max(0, Math.min(count, burst) - this.#refilled(name).tokens) / perSecond;
  }

  #refilled(name: string): Bucket {
    const { perSecond, burst } = this.#options;
    const nowMs = this.#nowMs();
    const bucket = this.#buckets.get(name) ?? { tokens: burst, atMs: nowMs };
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    const oldest = this.#buckets.keys().next();
    if (this.#buckets.size > MAX_NAMES && !oldest.done) this.#buckets.delete(oldest.value);
    const elapsedS = Math.max(0, nowMs - bucket.atMs) / 1_000;
    bucket.tokens = Math.min(burst, bucket.tokens + elapsedS * perSecond);
    bucket.atMs = nowMs;
    return bucket;
  }
}
