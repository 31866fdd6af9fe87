import type { Permission } from '@ebap/pipeline/access';
import type { FeedFilter, LiveTopic, TopicDelta, TopicPayload } from '@ebap/pipeline/contracts';
import { hotTopics } from '@ebap/pipeline/hot';
import type { SeriesQuery } from '@ebap/pipeline/semantics';
import { type FeedReader, feedDelta } from '../../src/server/live/feedReader.ts';
import type { HotReaderPorts } from '../../src/server/live/hotReader.ts';
import { LiveSeries } from '../../src/server/live/liveSeries.ts';
import { readNow } from '../../src/server/live/nowReader.ts';
import type { PipelineReader } from '../../src/server/live/pipelineReader.ts';
import { readRegions } from '../../src/server/live/regionsReader.ts';

/** Keys of the hot store that moved since the last look; null = any may have; empty = only time went on. */
export type ChangedKeys = ReadonlySet<string> | null;

/** Where a topic's payloads come from. `refresh` is never called again before it has answered. */
export interface TopicSource {
  /** Topic of the hot store's change feed that moves it; null = only time does. */
  readonly hotTopic: string | null;
  /** Shortest time between two messages, ms. */
  readonly spacingMs: number;
  /** What is new; `snapshot` = everything must be sent again; null = nothing worth a message. */
  refresh(changed: ChangedKeys): Promise<TopicDelta | 'snapshot' | null>;
  /** The whole of it; after the first `refresh`. */
  snapshot(): TopicPayload;
}

export interface SourcePorts extends HotReaderPorts {
  readonly pipeline: PipelineReader;
  /** The one reader of a workspace's feed. */
  readonly feedOf: (workspaceId: string) => FeedReader;
}

/** Messages that would only say that time went on are held back this long. */
const QUIET_MS = 1_000;
const FAST_MS = 250;
/** The worker's clock may be a little ahead of ours. */
const CLOCK_SLACK_MS = 1_000;

export function topicSource(
  ports: SourcePorts,
  workspaceId: string,
  topic: LiveTopic,
  permissions: readonly Permission[],
): TopicSource {
  const windows = hotTopics.windows(workspaceId);
  switch (topic.kind) {
    case 'series':
      return seriesSource(ports, workspaceId, topic.query);
    case 'now':
      return payloadSource(ports, windows, FAST_MS, async () => {
        const now = await readNow(ports, workspaceId, topic.filter);
        return { payload: { kind: 'now', now }, sameness: JSON.stringify({ ...now, asOfMs: 0, finalThroughMs: 0 }) };
      });
    case 'regions':
      return payloadSource(ports, windows, QUIET_MS, async () => {
        const regions = await readRegions(ports, workspaceId);
        return { payload: { kind: 'regions', regions }, sameness: JSON.stringify(regions.rows) };
      });
    case 'pipeline':
      return payloadSource(ports, null, QUIET_MS, async () => {
        const pipeline = await ports.pipeline.read(workspaceId, permissions);
        return { payload: { kind: 'pipeline', pipeline }, sameness: '' };
      });
    case 'feed':
      return feedSource(ports, workspaceId, topic.filter);
  }
}

function seriesSource(ports: SourcePorts, workspaceId: string, query: SeriesQuery): TopicSource {
  const series = new LiveSeries(ports, workspaceId, query);
  let toldAtMs = 0;
  return {
    hotTopic: hotTopics.windows(workspaceId),
    spacingMs: FAST_MS,
    refresh: async (changed) => {
      const news = await series.advance(changed);
      const nowMs = ports.nowMs();
      const isIdle = news === null || (news !== 'reload' && news.points.length === 0);
      if (isIdle && (news === null || nowMs - toldAtMs < QUIET_MS)) return null;
      toldAtMs = nowMs;
      return news === 'reload' ? 'snapshot' : news;
    },
    snapshot: () => {
      const { result } = series;
      if (result === null) throw new Error('a snapshot was asked before the first refresh');
      return { kind: 'series', result };
    },
  };
}

type WholePayload = Extract<TopicDelta, { kind: 'now' | 'regions' | 'pipeline' }>;

/** A source that sends all of itself each time it changed. `sameness` is equal where a message would say nothing new. */
function payloadSource(
  ports: SourcePorts,
  hotTopic: string | null,
  spacingMs: number,
  read: () => Promise<{ readonly payload: WholePayload; readonly sameness: string }>,
): TopicSource {
  let held: WholePayload | null = null;
  let told = { atMs: 0, sameness: '' };
  return {
    hotTopic,
    spacingMs,
    refresh: async () => {
      const { payload, sameness } = await read();
      held = payload;
      const atMs = ports.nowMs();
      if (sameness === told.sameness && atMs - told.atMs < QUIET_MS * 0.9) return null;
      told = { atMs, sameness };
      return payload;
    },
    snapshot: () => {
      if (held === null) throw new Error('a snapshot was asked before the first refresh');
      return held;
    },
  };
}

function feedSource(ports: SourcePorts, workspaceId: string, filter: FeedFilter): TopicSource {
  const reader = ports.feedOf(workspaceId);
  let cursor = -1;
  return {
    hotTopic: hotTopics.feed(workspaceId),
    spacingMs: FAST_MS,
    refresh: async (changed) => {
      if (cursor < 0) await reader.start();
      else if (changed === null || changed.size > 0) await reader.advance(ports.nowMs() + CLOCK_SLACK_MS);
      const isFirst = cursor < 0;
      const cuts = isFirst ? [] : reader.cutsAfter(cursor);
      ({ cursor } = reader);
      if (isFirst) return 'snapshot';
      const feed = feedDelta(cuts, filter);
      return feed === null ? null : { kind: 'feed', feed };
    },
    snapshot: () => ({ kind: 'feed', feed: reader.snapshot(filter) }),
  };
}
