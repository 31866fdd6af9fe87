'use client';
import type { FeedFilter, LiveTopic } from '@ebap/pipeline/contracts';
import type { SeriesQuery } from '@ebap/pipeline/semantics';
import { type TopicResult, useTopic } from '../../live/LiveProvider.tsx';
import { topicKey } from '../../live/liveClient.ts';
import { useSteady } from '../../live/useSteady.ts';

const HOUR_MS = 3_600_000;
/** On long ranges a second is far less than a pixel: drawing more often would only cost. */
const SHORT_RANGE_STEADY_MS = 250;
const LONG_RANGE_STEADY_MS = 1_000;

/** A series query that follows now, steadied to what its range can show. */
export function useLiveSeries(query: SeriesQuery): TopicResult<'series'> {
  const topic = { kind: 'series', query } as const;
  const newest = useTopic<'series'>(topic);
  const intervalMs = query.range.trailingMs > HOUR_MS ? LONG_RANGE_STEADY_MS : SHORT_RANGE_STEADY_MS;
  const view = useSteady(newest.view, intervalMs, `${topicKey(topic)}/${newest.view === null}`);
  return { ...newest, view };
}

/** The big numbers, for all or for one region and platform. */
export function useNow(filter: Extract<LiveTopic, { kind: 'now' }>['filter']): TopicResult<'now'> {
  return useTopic<'now'>({ kind: 'now', filter });
}

/** All regions as they are now. */
export function useRegions(): TopicResult<'regions'> {
  return useTopic<'regions'>({ kind: 'regions' });
}

/** Raw events as they arrive; `null` where the person may not see them. */
export function useEventFeed(filter: FeedFilter | null): TopicResult<'feed'> {
  return useTopic<'feed'>(filter && { kind: 'feed', filter });
}

/** The pipeline's state; asked only by who may see it. */
export function usePipelineStatus(isAllowed: boolean): TopicResult<'pipeline'> {
  return useTopic<'pipeline'>(isAllowed ? { kind: 'pipeline' } : null);
}
