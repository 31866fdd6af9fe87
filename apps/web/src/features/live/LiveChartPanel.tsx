'use client';
import { Chip, chartTable, cropModel, firstKnownStep, Panel, type TimeChartModel, TimeSeriesChart } from '@ebap/ui';
import { useMemo } from 'react';
import type { TopicRefusal } from '../../live/liveClient.ts';
import { LIVE_STALE_AFTER_MS, topicPanelState } from '../../live/panelState.ts';
import type { LivePanelProps } from './NowPanel.tsx';
import { panelUrlProps } from './useLiveUrl.ts';
import { PLATFORM_WORDS } from './words.ts';

export interface EmptyWords {
  readonly title: string;
  readonly hint: string;
}

export interface LiveChartPanelProps extends LivePanelProps {
  readonly id: string;
  readonly title: string;
  /** How the measures are defined. */
  readonly help: string;
  /** Null until the first answer. */
  readonly model: TimeChartModel | null;
  /** What to say when the whole answer holds nothing to draw; else null. */
  readonly empty: EmptyWords | null;
  readonly asOfMs: number | null;
  readonly refusal: TopicRefusal | null;
  readonly retry: () => void;
  readonly zone: string;
  readonly onZoom: (fromMs: number, toMs: number) => void;
  readonly className?: string | undefined;
}

/** A time chart of live measures, cut to the page's range. */
export function LiveChartPanel(props: LiveChartPanelProps) {
  const { id, title, url, onUrlChange, source, zone, refusal, retry } = props;
  const { range } = url;
  const model = useMemo(
    () => (props.model && range?.kind === 'fixed' ? cropModel(props.model, range.fromMs, range.toMs) : props.model),
    [props.model, range],
  );
  return (
    <Panel
      {...panelUrlProps(id, url, onUrlChange)}
      title={title}
      help={props.help}
      source={source}
      state={topicPanelState({
        hasData: model !== null,
        refusal,
        retry,
        empty: props.empty ?? (model && !hasKnown(model) ? NO_EVENTS : null),
      })}
      asOfMs={props.asOfMs}
      staleAfterMs={LIVE_STALE_AFTER_MS}
      scope={<ScopeChips url={url} onUrlChange={onUrlChange} />}
      table={model ? () => chartTable(model, title, zone) : undefined}
      className={props.className}
    >
      {model && hasKnown(model) && <TimeSeriesChart model={model} zone={zone} label={title} onZoom={props.onZoom} />}
    </Panel>
  );
}

export const NO_EVENTS: EmptyWords = {
  title: 'No events in this range',
  hint: 'Send some to POST /v1/events, choose a longer range, or take a filter away.',
};

function hasKnown(model: TimeChartModel): boolean {
  return firstKnownStep(model) >= 0;
}

/** The page's filters that narrow a panel. */
export function ScopeChips({ url, onUrlChange }: Pick<LivePanelProps, 'url' | 'onUrlChange'>) {
  return (
    <>
      {url.region && <Chip name="region" value={url.region} onRemove={() => onUrlChange({ region: null })} />}
      {url.platform && (
        <Chip name="platform" value={PLATFORM_WORDS[url.platform]} onRemove={() => onUrlChange({ platform: null })} />
      )}
    </>
  );
}
