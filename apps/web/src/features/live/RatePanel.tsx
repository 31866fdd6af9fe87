'use client';
import { ACTIONS, PLATFORMS } from '@ebap/pipeline/contracts';
import { MEASURES, type SeriesResult } from '@ebap/pipeline/semantics';
import { type ChartSeries, formatCompact, formatLabel, formatTick, type TimeChartModel } from '@ebap/ui';
import { useMemo } from 'react';
import { useLiveSeries } from './hooks.ts';
import { LiveChartPanel, NO_EVENTS } from './LiveChartPanel.tsx';
import type { LivePanelProps } from './NowPanel.tsx';
import { drawnValues, hasValues } from './seriesModel.ts';
import { ACTION_COLOURS, ACTION_WORDS, PLATFORM_COLOURS, PLATFORM_WORDS } from './words.ts';

export interface RatePanelProps extends LivePanelProps {
  readonly by: 'platform' | 'action';
  readonly zone: string;
  /** The span to ask for; covers the page's range. Null until that is known. */
  readonly trailingMs: number | null;
  readonly onZoom: (fromMs: number, toMs: number) => void;
  readonly className?: string | undefined;
}

/** Events per second, a line per platform or per action. */
export function RatePanel(props: RatePanelProps) {
  const { by, url, trailingMs } = props;
  const { view, refusal, retry } = useLiveSeries(
    trailingMs === null
      ? null
      : {
          measure: 'event_rate',
          filter: { region: url.region ?? undefined, platform: url.platform ?? undefined },
          by,
          grain: '1m',
          range: { trailingMs },
        },
  );
  const result = view?.result ?? null;
  const model = useMemo(() => result && rateModel(result, by), [result, by]);
  return (
    <LiveChartPanel
      {...props}
      id={by === 'platform' ? 'platforms' : 'actions'}
      title={`Events per second by ${by}`}
      help={MEASURES.event_rate.description}
      model={model}
      empty={result && !hasValues(result) ? NO_EVENTS : null}
      asOfMs={result?.asOfMs ?? null}
      refusal={refusal}
      retry={retry}
    />
  );
}

/** Lines in the dimension's own order and colours; values that never occurred are left out. */
export function rateModel(result: SeriesResult, by: 'platform' | 'action'): TimeChartModel {
  const known: readonly Omit<ChartSeries, 'values' | 'mark'>[] =
    by === 'platform'
      ? PLATFORMS.map((key) => ({ key, name: PLATFORM_WORDS[key], colour: PLATFORM_COLOURS[key] }))
      : ACTIONS.map((key) => ({ key, name: ACTION_WORDS[key], colour: ACTION_COLOURS[key] }));
  const series = known.flatMap((look): ChartSeries[] => {
    const found = result.series.find((one) => one.key === look.key);
    if (!found?.values.some((value) => value !== null && value > 0)) return [];
    return [{ ...look, mark: 'line', values: drawnValues('event_rate', result, found) }];
  });
  return {
    startMs: result.startMs,
    stepMs: result.stepMs,
    steps: result.steps,
    finalThroughMs: result.finalThroughMs,
    plots: [
      {
        key: 'rate',
        share: 1,
        fromZero: true,
        series,
        formatTick,
        formatLabel,
        formatValue: (value) => (value === null ? '–' : `${formatCompact(value)}/s`),
      },
    ],
  };
}
