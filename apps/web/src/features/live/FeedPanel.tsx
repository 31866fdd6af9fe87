'use client';
import { ACTIONS, type FeedFilter } from '@ebap/pipeline/contracts';
import { Button, EventFeed, FilterBar, type FilterDimension, Panel } from '@ebap/ui';
import { useCallback, useMemo, useState } from 'react';
import { topicPanelState } from '../../live/panelState.ts';
import type { FeedView } from '../../live/topicState.ts';
import { eventKey } from '../../live/topicState.ts';
import { feedRateWords, feedRow } from './feedRows.ts';
import { useEventFeed, useRegions } from './hooks.ts';
import css from './live.module.css';
import type { LivePanelProps } from './NowPanel.tsx';
import { panelUrlProps } from './useLiveUrl.ts';
import { ACTION_WORDS, PLATFORM_WORDS, regionLabel } from './words.ts';

/** Raw events as they arrive, for roles that may see them. */
export function FeedPanel(props: LivePanelProps & { readonly zone: string }) {
  const { url, onUrlChange, source, zone } = props;
  const filter: FeedFilter = {
    regions: url.region ? [url.region] : undefined,
    platforms: url.platform ? [url.platform] : undefined,
    actions: url.feedActions.length > 0 ? url.feedActions : undefined,
  };
  const { view, refusal, retry } = useEventFeed(filter);
  const feed = view?.feed ?? null;
  const isFiltered = Object.values(filter).some((values) => values !== undefined);
  const hold = useHeldFeed(feed);
  const rows = useMemo(() => hold.events.map((event) => feedRow(event, zone)), [hold.events, zone]);
  return (
    <Panel
      {...panelUrlProps('events', url, onUrlChange)}
      title="Events"
      source={source}
      state={topicPanelState({ hasData: feed !== null, refusal, retry })}
      asOfMs={hold.pausedAtMs}
      skeleton="rows"
      className={css.feed}
      note={<span className={css.feedRate}>{feed && feedRateWords(feed, isFiltered)}</span>}
      actions={
        <Button size="small" icon={hold.isPaused ? 'play' : 'pause'} onClick={hold.togglePause}>
          {hold.isPaused ? 'Resume' : 'Pause'}
        </Button>
      }
    >
      <div className={css.feedFilter}>
        <FilterBar dimensions={useFeedDimensions(props)} hotKey="f" />
      </div>
      {rows.length === 0 ? (
        <p className={css.feedEmpty}>No event has matched since you opened this page. New ones appear here.</p>
      ) : (
        <EventFeed
          rows={rows}
          label="Live events"
          waiting={hold.waiting}
          onShowWaiting={hold.release}
          onReadingChange={hold.setIsReading}
        />
      )}
    </Panel>
  );
}

function useFeedDimensions({ url, onUrlChange }: LivePanelProps): readonly FilterDimension[] {
  const regions = useRegions().view?.regions.rows ?? [];
  return [
    {
      key: 'action',
      label: 'action',
      options: ACTIONS.map((value) => ({ value, label: ACTION_WORDS[value] })),
      selected: url.feedActions,
      onChange: (selected) => onUrlChange({ feedActions: ACTIONS.filter((action) => selected.includes(action)) }),
    },
    {
      key: 'platform',
      label: 'platform',
      options: (['web', 'ios', 'android', 'pos', 'other'] as const).map((value) => ({
        value,
        label: PLATFORM_WORDS[value],
      })),
      selected: url.platform ? [url.platform] : [],
      onChange: (selected) =>
        onUrlChange({ platform: lastOf(['web', 'ios', 'android', 'pos', 'other'] as const, selected) }),
    },
    {
      key: 'region',
      label: 'region',
      options: regions.map((row) => ({ value: row.code, label: regionLabel(row) })),
      selected: url.region ? [url.region] : [],
      onChange: (selected) => onUrlChange({ region: selected.at(-1) ?? null }),
    },
  ];
}

/** Platform and region narrow the whole page, to one value each: the newest choice holds. */
function lastOf<Value extends string>(all: readonly Value[], selected: readonly string[]): Value | null {
  return all.find((value) => value === selected.at(-1)) ?? null;
}

/** Holds the rows still while paused or being read, and counts what waits. */
function useHeldFeed(feed: FeedView | null) {
  const [isPaused, setIsPaused] = useState(false);
  const [pausedAtMs, setPausedAtMs] = useState<number | null>(null);
  const [held, setHeld] = useState<FeedView | null>(null);
  const [isReading, setReading] = useState(false);
  const isHeld = (isPaused || isReading) && held !== null;
  const shown = isHeld ? held : feed;
  const setIsReading = useCallback(
    (next: boolean) => {
      setReading(next);
      setHeld((current) => (next ? (current ?? feed) : isPaused ? current : null));
    },
    [feed, isPaused],
  );
  const waiting = useMemo(() => (isHeld && feed && held ? countNewer(feed, held) : 0), [isHeld, feed, held]);
  return {
    events: shown?.events ?? [],
    waiting,
    isPaused,
    pausedAtMs,
    setIsReading,
    togglePause: () => {
      setIsPaused(!isPaused);
      setPausedAtMs(isPaused ? null : Date.now());
      setHeld(isPaused ? null : feed);
    },
    /** Shows what waits; pausing goes on from there. */
    release: () => {
      setReading(false);
      setHeld(isPaused ? feed : null);
    },
  };
}

function countNewer(feed: FeedView, held: FeedView): number {
  const [top] = held.events;
  if (!top) return feed.events.length;
  const index = feed.events.findIndex((event) => eventKey(event) === eventKey(top));
  return index < 0 ? feed.events.length : index;
}
