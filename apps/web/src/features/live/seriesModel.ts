import { MONEY_SCALE } from '@ebap/pipeline/contracts';
import { MEASURES, type MeasureName, type Series, type SeriesResult } from '@ebap/pipeline/semantics';

type Column = readonly (number | null)[];

/** An open step younger than this share of its length says too little to be drawn. */
const MIN_OPEN_SHARE = 0.1;

/**
 * The values to draw. Money becomes whole currency. A rate's open step is over the time it has had so far, and waits
 * until that is enough to say something; a count's open step is left out: the newest point never looks like a crash.
 */
export function drawnValues(measure: MeasureName, result: SeriesResult, series: Series): Column {
  const { kind, unit } = MEASURES[measure];
  const scale = result.unit === 'money' || result.unit === 'money/min' ? 1 / MONEY_SCALE : 1;
  const isRate = unit === 'events/s' || unit === 'money/min';
  return series.values.map((value, index) => {
    if (value === null) return null;
    const startMs = result.startMs + index * result.stepMs;
    const elapsedShare = (result.asOfMs - startMs) / result.stepMs;
    const isShown = elapsedShare >= 1 || kind === 'ratio' || (isRate && elapsedShare >= MIN_OPEN_SHARE);
    return isShown ? value * scale : null;
  });
}

/**
 * A ratio summed over the last `window` steps at each step: sum of numerators by sum of denominators, as ratios of
 * single minutes jump too much to be read. Null where nothing came due.
 */
export function rollingRatio(numerators: Column, denominators: Column, window: number): Column {
  let above = 0;
  let below = 0;
  return numerators.map((_, index) => {
    above += numerators[index] ?? 0;
    below += denominators[index] ?? 0;
    above -= numerators[index - window] ?? 0;
    below -= denominators[index - window] ?? 0;
    return below > 0 ? above / below : null;
  });
}

/** The column moved onto another axis of the same step; steps the result does not have are unknown. */
export function alignColumn(
  values: Column,
  from: { readonly startMs: number; readonly stepMs: number },
  to: { readonly startMs: number; readonly steps: number },
): Column {
  const shift = Math.round((to.startMs - from.startMs) / from.stepMs);
  return Array.from({ length: to.steps }, (_, index) => values[index + shift] ?? null);
}

/** Whether anything at all is known. */
export function hasValues(result: SeriesResult): boolean {
  return result.series.some((series) => series.values.some((value) => value !== null && value !== 0));
}
