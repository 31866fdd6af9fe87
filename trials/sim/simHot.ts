import type { FoundFence, HotFlush, HotFlushResult, HotStore } from '@ebap/pipeline/ports';
import type { Actor } from './actor.ts';

/** Hashes with fences; `checkFence: false` is a seeded defect. */
export class SimHot {
  #hashes = new Map<string, Map<string, string>>();
  #fences = new Map<string, { readonly epoch: number; readonly offset: number }>();
  readonly #checkFence: boolean;

  constructor(checkFence: boolean) {
    this.#checkFence = checkFence;
  }

  #flush(flush: HotFlush): HotFlushResult {
    const { scope, epoch, offset } = flush.fence;
    const found: FoundFence = this.#fences.get(scope) ?? null;
    if (
      this.#checkFence &&
      found !== null &&
      (found.epoch > epoch || (found.epoch === epoch && found.offset >= offset))
    )
      return { status: 'fenced', found };
    for (const { key, field, value } of flush.writes) {
      const hash = this.#hashes.get(key) ?? new Map<string, string>();
      if (value === null) hash.delete(field);
      else hash.set(field, value);
      this.#hashes.set(key, hash);
    }
    this.#fences.set(scope, { epoch, offset });
    return { status: 'applied', found };
  }

  /** Everything is gone, fences too. */
  lose(): void {
    this.#hashes.clear();
    this.#fences.clear();
  }

  hash(key: string): ReadonlyMap<string, string> {
    return this.#hashes.get(key) ?? new Map();
  }

  keys(): readonly string[] {
    return [...this.#hashes.keys()];
  }

  for(actor: Actor): HotStore {
    return {
      flush: (flush) => actor.effect(() => this.#flush(flush)),
      readHash: (key) => actor.effect(() => this.hash(key)),
      readFields: (keys, fields) => actor.effect(() => keys.map((k) => fields.map((f) => this.hash(k).get(f) ?? null))),
      sequence: async () => 0,
      subscribe: async () => ({ close: async () => {} }),
      sweep: async () => {},
      close: async () => {},
    };
  }
}
