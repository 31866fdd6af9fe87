export interface SampleQuantiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  readonly samples: number;
}

/** Exact, by nearest rank, of all samples; null without any. Rounded to hundredths. */
export function quantiles(samples: readonly number[]): SampleQuantiles {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (q: number): number | null => {
    const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
    return value === undefined ? null : Math.round(value * 100) / 100;
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1), samples: sorted.length };
}
