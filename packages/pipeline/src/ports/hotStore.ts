/** Who writes: a later epoch always wins, within an epoch only a higher offset is applied. */
export interface HotFence {
  /** One writer's scope: `<task>/<partition>`. */
  readonly scope: string;
  readonly epoch: number;
  /** Monotonic within the epoch (the source offset or cut that this flush brings the store up to). */
  readonly offset: number;
}

/** An absolute value: writing it twice changes nothing. `value: null` removes the field. */
export interface HotWrite {
  readonly key: string;
  readonly field: string;
  readonly value: string | null;
  /**
   * Absolute, ms since the epoch. All fields of a key live as long as its longest-lived write: the maximum of their
   * expiries counts, never the newest, so no write shortens a life.
   */
  readonly expiresAtMs: number;
}

export interface HotFlush {
  readonly fence: HotFence;
  /** At most {@link MAX_FLUSH_FIELDS} fields. */
  readonly writes: readonly HotWrite[];
  /** Topics to bump. Subscribers learn which of a topic's keys changed. */
  readonly changes: readonly { readonly topic: string; readonly keys: readonly string[] }[];
}

/** The fence the store held before the call; null = never written or lost (flush, failover). */
export type FoundFence = { readonly epoch: number; readonly offset: number } | null;

export type HotFlushResult =
  | { readonly status: 'applied'; readonly found: FoundFence }
  | { readonly status: 'fenced'; readonly found: FoundFence };

/** Tells a subscriber that a topic moved on. `keys: null` = the feed can't say which (gap, reconnect): read all. */
export interface HotChange {
  readonly topic: string;
  readonly sequence: number;
  readonly keys: readonly string[] | null;
}

export const MAX_FLUSH_FIELDS = 2_000;

/** Current state for readers in other processes: hashes with absolute values, expiry and a change feed. */
export interface HotStore {
  /**
   * Applies all writes, bumps the topics and stores the fence, atomically; or refuses when the stored fence has a
   * higher epoch, or the same epoch and an offset ≥ the given one.
   * @throws AppError `unavailable` (retryable; unknown whether applied), `bad_request` over MAX_FLUSH_FIELDS.
   */
  flush(flush: HotFlush): Promise<HotFlushResult>;

  /** All fields of a hash; empty if missing or expired. */
  readHash(key: string): Promise<ReadonlyMap<string, string>>;

  /** The same fields of many hashes in one round trip: `result[k][f]`, null where missing or expired. */
  readFields(keys: readonly string[], fields: readonly string[]): Promise<readonly (readonly (string | null)[])[]>;

  /** Newest sequence of a topic, 0 if it never moved. */
  sequence(topic: string): Promise<number>;

  /**
   * Calls back for every bump of a topic that starts with `prefix`; bumps may be merged, never lost: after a gap
   * the callback gets `keys: null`. Resolves once later flushes are sure to be seen.
   */
  subscribe(prefix: string, onChange: (change: HotChange) => void): Promise<{ close(): Promise<void> }>;

  /** Removes what has expired; safe at any time, by any process. */
  sweep(): Promise<void>;

  close(): Promise<void>;
}
