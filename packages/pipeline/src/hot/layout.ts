import type { Grain } from '../contracts/dimensions.ts';
import { GRAIN_MS } from '../contracts/dimensions.ts';
import type { FeedEvent } from '../contracts/liveProtocol.ts';
import { HOT_WINDOW_TTL_MS } from './retention.ts';

/**
 * Where things are in the hot store. The `{workspace}` braces keep a workspace's keys in one Redis Cluster slot,
 * so that one flush can be atomic. The version in a key changes when the format of its values does.
 */
export const hotKeys = {
  /** Hash: member key → {@link encodeCell}. One per tumbling window. */
  window: (workspace: string, grain: Grain, startMs: number) => `{${workspace}}:w1:${grain}:${startMs}`,
  /** Hash: member key → distinct users of the last five minutes (integer text). */
  now: (workspace: string) => `{${workspace}}:now1`,
  /** Hash: `asOfMs`, `finalThroughMs` → integer text. */
  progress: (workspace: string) => `{${workspace}}:progress1`,
  /** Hash: `<source topic>/<outcome>` → count, by minute of arrival. Outcomes: counted, duplicate, late, dead:<reason>. */
  ledger: (workspace: string, minuteMs: number) => `{${workspace}}:ledger1:${minuteMs}`,
  /** Hash of one field, {@link FEED_FIELD} → JSON {@link FeedCut}: a ring of the newest cuts per partition, one key each. */
  feed: (workspace: string, partition: number, cut: number) => `{${workspace}}:feed1:${partition}:${cut % FEED_RING}`,
  /** Hash: `<task>/<partition>` → JSON PartitionStatus. */
  tasks: () => '{_system}:tasks1',
  /** Hash: name → JSON change stream status. */
  changeStreams: () => '{_system}:cdc1',
  /** Hash: worker → JSON latency histogram. */
  latency: () => '{_system}:latency1',
  /** Hash of one field, {@link STORAGE_FIELD} → JSON StorageStatus. */
  storage: () => '{_system}:storage1',
  /** Hash: web process → JSON {@link EdgeRates}. */
  ingest: () => '{_system}:ingest1',
} as const;

/** Topics of the change feed. */
export const hotTopics = {
  windows: (workspace: string) => `windows/${workspace}`,
  feed: (workspace: string) => `feed/${workspace}`,
  system: () => 'system',
} as const;

/** What one web process took in lately; an entry expires soon after its process. */
export interface EdgeRates {
  readonly acceptedPerSecond: number;
  readonly rejectedPerSecond: number;
}

/** The workspace of records whose workspace can't be told (undecodable bytes). */
export const SYSTEM_WORKSPACE = '_system';

/** Cuts kept per partition in the feed's ring: about a minute. */
export const FEED_RING = 256;
export const FEED_FIELD = 'cut';
export const STORAGE_FIELD = 'use';

/** One cut of one partition in the feed: the first few events, and how many there were. */
export interface FeedCut {
  /** Cut number: append time / 250 ms. Readers take what is newer than the last cut they have seen of the partition. */
  readonly cut: number;
  readonly partition: number;
  readonly appendMs: number;
  /** Counted and late events that arrived in this cut. */
  readonly arrived: number;
  readonly events: readonly FeedEvent[];
}

/** Absolute expiry of a window: its end + 24 h (10 s panes: 2 h). */
export function windowExpiresAtMs(grain: Grain, startMs: number): number {
  return startMs + GRAIN_MS[grain] + HOT_WINDOW_TTL_MS[grain];
}
