'use client';
import type { FeedFilter, LiveTopic } from '@ebap/pipeline/contracts';
import type { SeriesQuery } from '@ebap/pipeline/semantics';
import { type TopicResult, useTopic } from '../../live/LiveProvider.tsx';

/** A series query that follows now; `null` asks nothing. */
export function useLiveSeries(query: SeriesQuery | null): TopicResult<'series'> {
  return useTopic<'series'>(query && { kind: 'series', query });
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
