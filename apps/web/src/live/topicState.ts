import type {
  FeedEvent,
  FeedPayload,
  NowPayload,
  PipelinePayload,
  RegionsPayload,
  SeriesPoint,
  TopicDelta,
  TopicPayload,
} from '@ebap/pipeline/contracts';
import type { Series, SeriesResult } from '@ebap/pipeline/semantics';

/** The feed as the browser keeps it: the newest events, and how many arrived lately. */
export interface FeedView {
  /** Newest first, at most {@link FEED_KEPT}. */
  readonly events: readonly FeedEvent[];
  /** What arrived and was shown per message, newest last, over {@link FEED_RATE_MS}. */
  readonly recent: readonly { readonly atMs: number; readonly arrived: number; readonly shown: number }[];
}

/** A topic's newest state in the browser. */
export type TopicView =
  | { readonly kind: 'series'; readonly result: SeriesResult }
  | { readonly kind: 'now'; readonly now: NowPayload }
  | { readonly kind: 'regions'; readonly regions: RegionsPayload }
  | { readonly kind: 'feed'; readonly feed: FeedView }
  | { readonly kind: 'pipeline'; readonly pipeline: PipelinePayload };

export const FEED_KEPT = 1_000;
export const FEED_RATE_MS = 10_000;

/** The view a snapshot gives. A feed's earlier events stay: a snapshot after a gap adds to them. */
export function applySnapshot(before: TopicView | null, payload: TopicPayload, atMs: number): TopicView {
  if (payload.kind !== 'feed') return payload;
  const kept = before?.kind === 'feed' ? before.feed : { events: [], recent: [] };
  return {
    kind: 'feed',
    feed: { events: mergeEvents(payload.feed.events, kept.events), recent: [{ atMs, arrived: 0, shown: 0 }] },
  };
}

/** The view after a delta; null if the delta does not fit what is held, and a snapshot is needed. */
export function applyDelta(before: TopicView, delta: TopicDelta, atMs: number): TopicView | null {
  switch (delta.kind) {
    case 'series':
      return before.kind === 'series' ? { kind: 'series', result: applyPoints(before.result, delta) } : null;
    case 'feed':
      return before.kind === 'feed' ? { kind: 'feed', feed: addToFeed(before.feed, delta.feed, atMs) } : null;
    case 'now':
    case 'regions':
    case 'pipeline':
      return before.kind === delta.kind ? delta : null;
  }
}

function addToFeed(feed: FeedView, added: FeedPayload, atMs: number): FeedView {
  const recent = feed.recent.filter((one) => one.atMs > atMs - FEED_RATE_MS);
  return {
    events: added.events.length === 0 ? feed.events : mergeEvents(added.events, feed.events),
    recent: [...recent, { atMs, arrived: added.arrived, shown: added.shown }],
  };
}

function mergeEvents(added: readonly FeedEvent[], kept: readonly FeedEvent[]): readonly FeedEvent[] {
  const known = new Set(kept.map(eventKey));
  return [...added.filter((event) => !known.has(eventKey(event))), ...kept].slice(0, FEED_KEPT);
}

/** An event's place in the log: unique also where a producer reuses an id. */
export function eventKey(event: FeedEvent): string {
  return `${event.partition}/${event.offset}`;
}

/**
 * Writes absolute points into a series result. Steps after its end extend it; the same number of steps then falls out
 * at the front, so that the range keeps its length.
 */
export function applyPoints(
  result: SeriesResult,
  delta: { readonly asOfMs: number; readonly finalThroughMs: number; readonly points: readonly SeriesPoint[] },
): SeriesResult {
  const newestMs = delta.points.reduce((newest, point) => Math.max(newest, point.timeMs), Number.NEGATIVE_INFINITY);
  const shift = Math.max(0, Math.round((newestMs - result.startMs) / result.stepMs) + 1 - result.steps);
  const startMs = result.startMs + shift * result.stepMs;
  const byKey = new Map(result.series.map((series) => [series.key, shifted(series, shift, result.steps)]));
  for (const point of delta.points) {
    const index = Math.round((point.timeMs - startMs) / result.stepMs);
    if (index < 0 || index >= result.steps) continue;
    let series = byKey.get(point.key);
    if (!series) {
      series = emptySeries(point, result.steps);
      byKey.set(point.key, series);
    }
    series.values[index] = point.value;
    if (series.numerators) series.numerators[index] = point.numerator ?? null;
    if (series.denominators) series.denominators[index] = point.denominator ?? null;
  }
  return {
    ...result,
    startMs,
    asOfMs: delta.asOfMs,
    finalThroughMs: delta.finalThroughMs,
    series: [...byKey.values()],
  };
}

type Column = (number | null)[];
interface GrowingSeries extends Series {
  readonly values: Column;
  readonly numerators?: Column;
  readonly denominators?: Column;
}

function shifted(series: Series, shift: number, steps: number): GrowingSeries {
  const move = (column: readonly (number | null)[]): Column =>
    Array.from({ length: steps }, (_, index) => column[index + shift] ?? null);
  return {
    key: series.key,
    label: series.label,
    values: move(series.values),
    ...(series.numerators && { numerators: move(series.numerators) }),
    ...(series.denominators && { denominators: move(series.denominators) }),
  };
}

function emptySeries(point: SeriesPoint, steps: number): GrowingSeries {
  const empty = (): Column => new Array<number | null>(steps).fill(null);
  const isRatio = point.numerator !== undefined;
  return {
    key: point.key,
    label: point.key,
    values: empty(),
    ...(isRatio && { numerators: empty(), denominators: empty() }),
  };
}
