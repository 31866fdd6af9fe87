/**
 * The live protocol over socket.io (path `/ws`). A client subscribes to topics; the server answers each with a
 * snapshot and then deltas. Every message carries `v` (format) and the topic's sequence: a delta whose `previous`
 * is not the last sequence seen means a gap, and the client subscribes again. Version N servers read N-1 clients.
 */
import type { SeriesQuery, SeriesResult } from '../semantics/seriesQuery.ts';
import type { Action, Platform, Tier } from './dimensions.ts';

export const LIVE_PROTOCOL_VERSION = 1;

export interface FeedFilter {
  readonly regions?: readonly string[] | undefined;
  readonly platforms?: readonly Platform[] | undefined;
  readonly actions?: readonly Action[] | undefined;
}

export type LiveTopic =
  | { readonly kind: 'series'; readonly query: SeriesQuery }
  | {
      readonly kind: 'now';
      readonly filter: { readonly region?: string | undefined; readonly platform?: Platform | undefined };
    }
  | { readonly kind: 'regions' }
  | { readonly kind: 'feed'; readonly filter: FeedFilter }
  | { readonly kind: 'pipeline' };

/** Client → server, event `subscribe`, acknowledged with {@link SubscribeAck}. */
export interface SubscribeMessage {
  readonly v: number;
  /** Chosen by the client, echoed in every message of this subscription. */
  readonly id: string;
  readonly topic: LiveTopic;
  /** The last sequence seen before a reconnect; the server may then skip the snapshot. */
  readonly since?: number | undefined;
}

export type SubscribeAck =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code: 'forbidden' | 'bad_request' | 'unavailable' | 'too_many';
      readonly message: string;
    };

/** Client → server, event `unsubscribe`. */
export interface UnsubscribeMessage {
  readonly id: string;
}

/** Server → client, event `snapshot`. */
export interface SnapshotMessage {
  readonly v: number;
  readonly id: string;
  readonly sequence: number;
  readonly payload: TopicPayload;
}

/** Server → client, event `delta`. */
export interface DeltaMessage {
  readonly v: number;
  readonly id: string;
  readonly sequence: number;
  readonly previous: number;
  readonly payload: TopicDelta;
}

/** Server → client, event `notice`: the session ended, a right was lost, the store is away. */
export interface NoticeMessage {
  readonly code: 'session_ended' | 'forbidden' | 'degraded' | 'recovered';
  readonly message: string;
}

export type TopicPayload =
  | { readonly kind: 'series'; readonly result: SeriesResult }
  | { readonly kind: 'now'; readonly now: NowPayload }
  | { readonly kind: 'regions'; readonly regions: RegionsPayload }
  | { readonly kind: 'feed'; readonly feed: FeedPayload }
  | { readonly kind: 'pipeline'; readonly pipeline: PipelinePayload };

export type TopicDelta =
  | {
      readonly kind: 'series';
      readonly asOfMs: number;
      readonly finalThroughMs: number;
      /** Absolute values of the steps that changed; steps before the range have fallen out. */
      readonly points: readonly SeriesPoint[];
    }
  | { readonly kind: 'now'; readonly now: NowPayload }
  | { readonly kind: 'regions'; readonly regions: RegionsPayload }
  | { readonly kind: 'feed'; readonly feed: FeedPayload }
  | { readonly kind: 'pipeline'; readonly pipeline: PipelinePayload };

export interface SeriesPoint {
  readonly key: string;
  readonly timeMs: number;
  readonly value: number | null;
  readonly numerator?: number | null;
  readonly denominator?: number | null;
}

/** The big numbers. Rates are over the last full 10 s pane; sparklines are 1 m steps of the last hour. */
export interface NowPayload {
  readonly asOfMs: number;
  readonly finalThroughMs: number;
  readonly currency: string;
  /** Distinct users of the last five minutes (exact, sliding by the minute). */
  readonly activeUsers: number | null;
  readonly eventsPerSecond: number | null;
  /** 1e-4 units of the currency per minute. */
  readonly salesPerMinute: number | null;
  /** Over the newest hour of carts that came due. */
  readonly abandonment: { readonly ratio: number | null; readonly abandoned: number; readonly due: number };
  readonly sparklines: {
    readonly startMs: number;
    readonly stepMs: number;
    readonly activeUsers: readonly (number | null)[];
    readonly eventsPerSecond: readonly (number | null)[];
    readonly salesPerMinute: readonly (number | null)[];
    readonly abandonment: readonly (number | null)[];
  };
}

export interface RegionRow {
  readonly code: string;
  readonly name: string;
  /** [lat, lng]; null for `unknown`. */
  readonly coords: readonly [number, number] | null;
  readonly eventsPerSecond: number;
  readonly activeUsers: number;
  /** Last 60 minutes, 1e-4 units. */
  readonly sales: number;
  readonly abandonment: number | null;
}

export interface RegionsPayload {
  readonly asOfMs: number;
  readonly currency: string;
  readonly rows: readonly RegionRow[];
}

/** One event of the feed: raw data, only for roles that may see it. All text is the producer's: show it as text. */
export interface FeedEvent {
  readonly id: string;
  readonly timeMs: number;
  readonly action: Action;
  readonly platform: Platform;
  readonly region: string;
  readonly tier: Tier;
  readonly itemId: string | null;
  /** As sent: decimal text, currency code. */
  readonly amount: string | null;
  readonly currency: string | null;
  /** The person's pseudonym in this workspace; never the user id. */
  readonly pseudonym: string | null;
  readonly profileVersionMs: number | null;
  readonly partition: number;
  readonly offset: number;
  readonly appendMs: number;
  readonly late: boolean;
}

export interface FeedPayload {
  /** Newest first. A delta holds only the new ones. */
  readonly events: readonly FeedEvent[];
  /** Events that arrived in the same span, shown or not: the feed is a sample under load. */
  readonly arrived: number;
  readonly shown: number;
}

export interface PartitionStatus {
  readonly task: string;
  readonly partition: number;
  readonly owner: string;
  readonly epoch: number;
  readonly nextOffset: number;
  readonly endOffset: number;
  readonly watermarkMs: number | null;
  readonly appendMs: number | null;
  readonly cut: number | null;
  readonly recordsPerSecond: number;
  readonly lastCheckpointMs: number | null;
  readonly checkpointBytes: number;
  readonly checkpointDurationMs: number;
  readonly state: 'restoring' | 'running' | 'stopped' | 'alarm';
  readonly message: string | null;
}

export interface LedgerMinute {
  readonly minuteMs: number;
  readonly counted: number;
  readonly duplicate: number;
  readonly late: number;
  /** Dead letters of records that had reached the log. */
  readonly dead: number;
  /** Records that the HTTP edge refused: they never reached the log. */
  readonly refused: number;
}

/** Dead letters of one reason. */
export interface DeadLetterSummary {
  readonly reason: string;
  /** `onLog` and `atEdge` together. */
  readonly count: number;
  /** Over the ledger's two hours: the column's sum is the ledger's `dead`. */
  readonly onLog: number;
  /** Over the ledger's two hours: the column's sum is the ledger's `refused`. */
  readonly atEdge: number;
  readonly lastSeenMs: number;
}

/** What an embedded installation takes of its disk, and of what its limit gives each part. */
export interface StorageStatus {
  readonly atMs: number;
  readonly limitBytes: number;
  readonly usedBytes: number;
  readonly parts: readonly { readonly name: string; readonly usedBytes: number; readonly shareBytes: number }[];
}

export interface PipelinePayload {
  readonly atMs: number;
  readonly topics: readonly {
    readonly name: string;
    readonly partitions: number;
    readonly records: number;
    readonly recordsPerSecond: number;
  }[];
  readonly partitions: readonly PartitionStatus[];
  /** By minute of arrival, newest last, two hours. */
  readonly ledger: readonly LedgerMinute[];
  readonly deadLetters: readonly DeadLetterSummary[];
  /** Letters of records whose workspace can't be told; null for who may not see them. */
  readonly systemDeadLetters: readonly DeadLetterSummary[] | null;
  readonly cdc: readonly {
    readonly name: string;
    readonly state: string;
    readonly slot: string;
    readonly retainedWalBytes: number | null;
    readonly lastCommitMs: number | null;
    /** Changes of all kinds since the stream was opened; null where another process delivers them. */
    readonly delivered: number | null;
    readonly message: string | null;
  }[];
  /** Accepted by the log → readable in the hot store, over the last minute, ms. */
  readonly latency: {
    readonly p50: number | null;
    readonly p95: number | null;
    readonly p99: number | null;
    readonly samples: number;
  };
  /** Null where the installation has no limit of its own, and until it was measured. */
  readonly storage: StorageStatus | null;
  /** Over all web processes. */
  readonly ingest: { readonly acceptedPerSecond: number; readonly rejectedPerSecond: number };
}
