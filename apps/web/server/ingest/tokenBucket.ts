export interface TokenBucketOptions {
  readonly perSecond: number;
  /** Most tokens saved up; a larger request passes when the bucket is full, and owes the rest. */
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

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
    const { perSecond, burst } = this.#options;
    const bucket = this.#refilled(name);
    const needed = Math.min(count, burst);
    if (bucket.tokens >= needed) {
      bucket.tokens -= count;
      return 0;
    }
    return (needed - bucket.tokens) / perSecond;
  }

  #refilled(name: string): Bucket {
    const { perSecond, burst } = this.#options;
    const nowMs = this.#nowMs();
    let bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      bucket = { tokens: burst, atMs: nowMs };
      this.#buckets.set(name, bucket);
    }
    const elapsedS = Math.max(0, nowMs - bucket.atMs) / 1_000;
    bucket.tokens = Math.min(burst, bucket.tokens + elapsedS * perSecond);
    bucket.atMs = nowMs;
    return bucket;
  }
}
