'use client';
import type { FeedFilter, LiveTopic } from '@ebap/pipeline/contracts';
import type { SeriesQuery } from '@ebap/pipeline/semantics';
import { type TopicResult, useTopic } from '../../live/LiveProvider.tsx';
import { topicKey } from '../../live/liveClient.ts';
import { useSteady } from '../../live/useSteady.ts';

const HOUR_MS = 3_600_000;
/** How often a range's chart is drawn at most: on long ranges even seconds are far less than a pixel. */
function steadyMs(trailingMs: number): number {
  if (trailingMs <= HOUR_MS) return 250;
  return trailingMs <= 6 * HOUR_MS ? 1_000 : 5_000;
}

/** A series query that follows now, steadied to what its range can show; nothing is asked while it is null. */
export function useLiveSeries(query: SeriesQuery | null): TopicResult<'series'> {
  const topic = query && ({ kind: 'series', query } as const);
  const newest = useTopic<'series'>(topic);
  const key = topic ? topicKey(topic) : 'none';
  const view = useSteady(newest.view, steadyMs(query?.range.trailingMs ?? 0), `${key}/${newest.view === null}`);
  return { ...newest, view };
}

/** The last 24 hours of everything, on the tape. */
export function useOverview(): TopicResult<'series'> {
  return useLiveSeries({
    measure: 'event_rate',
    filter: {},
    by: null,
    grain: '5m',
    range: { trailingMs: 24 * HOUR_MS },
  });
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
