/** Of the samples: ms, within 2 %. Null without samples. */
export interface QuantileSummary {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

const GROWTH = Math.log(1.02);

/** Log-bucket histogram: constant memory however long a run is. */
export class Quantiles {
  readonly #buckets = new Map<number, number>();
  #count = 0;
  #max = 0;

  add(ms: number): void {
    const bucket = Math.ceil(Math.log(Math.max(0.01, ms)) / GROWTH);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count++;
    this.#max = Math.max(this.#max, ms);
  }

  summary(): QuantileSummary {
    if (this.#count === 0) return { p50: null, p95: null, p99: null, max: null };
    return { p50: this.#at(0.5), p95: this.#at(0.95), p99: this.#at(0.99), max: round(this.#max) };
  }

  #at(quantile: number): number {
    let left = Math.ceil(this.#count * quantile);
    for (const [bucket, count] of [...this.#buckets].sort(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return round(Math.min(this.#max, Math.exp(bucket * GROWTH)));
    }
    return round(this.#max);
  }
}

const round = (ms: number): number => Math.round(ms * 100) / 100;
