/** Milliseconds from acceptance by the log to readable in the hot store, over the last minute. */
export class LatencyWindow {
  #samples: { readonly atMs: number; readonly valueMs: number }[] = [];

  add(nowMs: number, valueMs: number): void {
    this.#samples.push({ atMs: nowMs, valueMs: Math.max(0, valueMs) });
  }

  summary(nowMs: number): {
    readonly p50: number | null;
    readonly p95: number | null;
    readonly p99: number | null;
    readonly samples: number;
  } {
    this.#samples = this.#samples.filter((s) => s.atMs > nowMs - 60_000);
    const sorted = this.#samples.map((s) => s.valueMs).sort((a, b) => a - b);
    const quantile = (q: number): number | null =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? null;
    return { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99), samples: sorted.length };
  }
}
