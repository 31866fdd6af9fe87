import type { NowPayload } from '@ebap/pipeline/contracts';
import type { SeriesResult } from '@ebap/pipeline/semantics';

/** A first payload without history. */
export const SPARKLINES: NowPayload['sparklines'] = {
  startMs: 0,
  stepMs: 60_000,
  activeUsers: [],
  eventsPerSecond: [],
  salesPerMinute: [],
  abandonment: [],
};

/** Columns of a minute each from time 0, as the semantic layer answers. */
export function result(
  unit: SeriesResult['unit'],
  columns: Readonly<Record<string, readonly (number | null)[]>>,
  asOfMs: number,
): SeriesResult {
  const steps = Object.values(columns)[0]?.length ?? 0;
  return {
    unit,
    currency: 'EUR',
    source: 'live',
    startMs: 0,
    stepMs: 60_000,
    steps,
    asOfMs,
    finalThroughMs: 0,
    series: Object.entries(columns).map(([key, values]) => ({ key, label: key, values })),
  };
}
