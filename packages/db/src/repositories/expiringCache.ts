/** Keeps answers for a while: at most `maxEntries`, the oldest go first. Concurrent callers share one load. */
export class ExpiringCache<V> {
  readonly #ttlMs: number;
  readonly #maxEntries: number;
  readonly #nowMs: () => number;
  readonly #entries = new Map<string, { readonly value: Promise<V>; readonly expiresAtMs: number }>();

  constructor(ttlMs: number, maxEntries: number, nowMs: () => number) {
    this.#ttlMs = ttlMs;
    this.#maxEntries = maxEntries;
    this.#nowMs = nowMs;
  }

  /** The kept answer, or the one `load` gives, counted from before the load. A failed load is not kept. */
  get(key: string, load: () => Promise<V>): Promise<V> {
    const nowMs = this.#nowMs();
    const kept = this.#entries.get(key);
    if (kept !== undefined && nowMs < kept.expiresAtMs) return kept.value;
    this.#entries.delete(key);
    const value = load();
    this.#entries.set(key, { value, expiresAtMs: nowMs + this.#ttlMs });
    value.catch(() => {
      if (this.#entries.get(key)?.value === value) this.#entries.delete(key);
    });
    this.#trim();
    return value;
  }

  clear(): void {
    this.#entries.clear();
  }

  #trim(): void {
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries) return;
      this.#entries.delete(key);
    }
  }
}
