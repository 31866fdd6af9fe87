import type { SeriesColour } from './palette.ts';

/** One series of a time chart. */
export interface ChartSeries {
  readonly key: string;
  readonly name: string;
  /** For the label at the line's end, where the whole name is too long. */
  readonly shortName?: string;
  readonly colour: SeriesColour;
  readonly mark: 'line' | 'bars' | 'area';
  /** One per step of the chart; null = nothing known. */
  readonly values: readonly (number | null)[];
}

/** One of the plots that share a chart's x-axis, from top to bottom. */
export interface ChartPlot {
  readonly key: string;
  /** Share of the height; shares of all plots are taken relative to their sum. */
  readonly share: number;
  /** Rates and counts start at 0; ratios hug their data. */
  readonly fromZero: boolean;
  /** The axis spans at least this much. */
  readonly minSpan?: number;
  /** Bounds that values cannot pass by their nature. */
  readonly limits?: readonly [number, number];
  /** Series add up. All of them then have the same mark, `bars` or `area`. */
  readonly isStacked?: boolean;
  /** Said in the plot while none of its series knows a value. */
  readonly emptyNote?: string;
  readonly series: readonly ChartSeries[];
  /** A tick: `20k`. `step` is the distance of ticks, `isTop` the highest, which alone may carry a unit. */
  readonly formatTick: (value: number, step: number, isTop: boolean) => string;
  /** The label at a line's end, `19.8k`; as in the readout if not given. */
  readonly formatLabel?: (value: number | null) => string;
  /** A value in readout, label and table: `19.8k/s`. */
  readonly formatValue: (value: number | null) => string;
}

/** Everything a time chart draws. Step i covers [startMs + i·stepMs, startMs + (i+1)·stepMs). */
export interface TimeChartModel {
  readonly startMs: number;
  readonly stepMs: number;
  readonly steps: number;
  /** Steps that end at or before this are final, later ones provisional. */
  readonly finalThroughMs: number;
  readonly plots: readonly ChartPlot[];
}

export function stepStartMs(model: TimeChartModel, index: number): number {
  return model.startMs + index * model.stepMs;
}

export function stepMiddleMs(model: TimeChartModel, index: number): number {
  return stepStartMs(model, index) + model.stepMs / 2;
}

export function endMs(model: TimeChartModel): number {
  return stepStartMs(model, model.steps);
}

/** The step that holds a moment, or null outside the chart. */
export function stepAt(model: TimeChartModel, timeMs: number): number | null {
  const index = Math.floor((timeMs - model.startMs) / model.stepMs);
  return index >= 0 && index < model.steps ? index : null;
}

/** How many of the first steps are final. */
export function finalSteps(model: TimeChartModel): number {
  return Math.max(0, Math.min(model.steps, Math.floor((model.finalThroughMs - model.startMs) / model.stepMs)));
}

/** The first step at which any series knows a value, -1 if none does. */
export function firstKnownStep(model: TimeChartModel): number {
  const firsts = model.plots
    .flatMap((plot) => plot.series.map((series) => series.values.findIndex((value) => value !== null)))
    .filter((index) => index >= 0);
  return firsts.length > 0 ? Math.min(...firsts) : -1;
}

/** When data begins, if the chart reaches back to before that; null if it knows something from its start on. */
export function dataBeginsMs(model: TimeChartModel): number | null {
  const first = firstKnownStep(model);
  return first > 0 ? stepStartMs(model, first) : null;
}

/** Index of the last known value, -1 if none. */
export function lastKnown(values: readonly (number | null)[]): number {
  for (let index = values.length - 1; index >= 0; index -= 1) if (values[index] !== null) return index;
  return -1;
}

/**
 * Heights at which a stacked plot's series are drawn: each the sum of itself and those below it. Unknown counts as
 * nothing, unless all are unknown.
 */
export function stackedValues(series: readonly ChartSeries[]): readonly (readonly (number | null)[])[] {
  const sums: number[] = [];
  return series.map((one) =>
    one.values.map((value, index) => {
      sums[index] = (sums[index] ?? 0) + (value ?? 0);
      const isKnown = series.some((other) => (other.values[index] ?? null) !== null);
      return isKnown ? (sums[index] ?? null) : null;
    }),
  );
}

/** The model cut to the steps that overlap [fromMs, toMs). */
export function cropModel(model: TimeChartModel, fromMs: number, toMs: number): TimeChartModel {
  const first = Math.max(0, Math.floor((fromMs - model.startMs) / model.stepMs));
  const last = Math.min(model.steps, Math.ceil((toMs - model.startMs) / model.stepMs));
  if (first === 0 && last === model.steps) return model;
  return {
    ...model,
    startMs: stepStartMs(model, first),
    steps: Math.max(0, last - first),
    plots: model.plots.map((plot) => ({
      ...plot,
      series: plot.series.map((series) => ({ ...series, values: series.values.slice(first, last) })),
    })),
  };
}
