import type { HotFlush, HotStore, HotWrite } from '@ebap/pipeline/ports';

/** A store for one test. It may hold what other tests wrote: each test uses names of its own. */
export interface HotStoreUnderTest {
  readonly store: HotStore;
  /** Another handle on the same store, as another process would have it. */
  readonly other: HotStore;
  /** The clock that expiry is measured by, ms since the epoch. */
  nowMs(): number;
  /** Moves that clock on; a store that has its own lets the time pass. */
  pass(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

export type HotStoreFactory = () => Promise<HotStoreUnderTest>;

/** The store of the running test, and a name that no other test uses. */
export type Made = () => HotStoreUnderTest & { readonly id: string };

const LATER_MS = 3_600_000;

/** A write that outlives the test. */
export function write(key: string, field: string, value: string | null): HotWrite {
  return { key, field, value, expiresAtMs: Date.now() + LATER_MS };
}

/** A flush with epoch 1. */
export function flushOf(
  scope: string,
  offset: number,
  writes: readonly HotWrite[],
  changes: HotFlush['changes'] = [],
): HotFlush {
  return { fence: { scope, epoch: 1, offset }, writes, changes };
}
