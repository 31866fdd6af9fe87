import type { Size } from '../util/useSize.ts';
import { type ChartPlot, endMs, stackedValues, type TimeChartModel } from './model.ts';
import { type TimeTick, timeTicks } from './timeTicks.ts';
import { project, type ValueScale, valueScale } from './valueScale.ts';

/** Below this width labels at the line ends would eat the plot; the readout row names the series instead. */
const NARROW_PX = 500;
const PLOT_LEFT_PX = 44;
const PLOT_RIGHT_PX = 108;
const PLOT_RIGHT_NARROW_PX = 14;
const PLOT_TOP_PX = 8;
const AXIS_BOTTOM_PX = 20;
const PLOT_GAP_PX = 18;
const TICK_WIDTH_PX = 72;
const TICK_HEIGHT_PX = 34;

export interface PlotBox {
  readonly plot: ChartPlot;
  readonly top: number;
  readonly bottom: number;
  readonly scale: ValueScale;
  /** Where each series is drawn: its values, or its sums in a stacked plot. */
  readonly drawn: readonly (readonly (number | null)[])[];
}

/** Where everything of a chart lies, in px of its box. */
export interface ChartGeometry {
  readonly size: Size;
  readonly isNarrow: boolean;
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly ticks: readonly TimeTick[];
  readonly boxes: readonly PlotBox[];
}

/** Lays a chart out: the same gutters for every chart, so that charts above each other share their x-axis. */
export function chartGeometry(model: TimeChartModel, size: Size, zone: string): ChartGeometry {
  const isNarrow = size.width < NARROW_PX;
  const right = size.width - (isNarrow ? PLOT_RIGHT_NARROW_PX : PLOT_RIGHT_PX);
  const bottom = size.height - AXIS_BOTTOM_PX;
  const fromMs = model.startMs;
  const toMs = endMs(model);
  return {
    size,
    isNarrow,
    left: PLOT_LEFT_PX,
    right,
    bottom,
    fromMs,
    toMs,
    ticks: timeTicks(fromMs, toMs, zone, Math.max(2, Math.floor((right - PLOT_LEFT_PX) / TICK_WIDTH_PX))),
    boxes: plotBoxes(model.plots, bottom),
  };
}

function plotBoxes(plots: readonly ChartPlot[], bottom: number): readonly PlotBox[] {
  const heightPx = Math.max(20, bottom - PLOT_TOP_PX - PLOT_GAP_PX * (plots.length - 1));
  const shares = plots.reduce((sum, plot) => sum + plot.share, 0);
  let top = PLOT_TOP_PX;
  return plots.map((plot) => {
    const boxPx = (heightPx * plot.share) / shares;
    const drawn = plot.isStacked ? stackedValues(plot.series) : plot.series.map((series) => series.values);
    const known = drawn.flatMap((values) => values.filter((value) => value !== null));
    const tickCount = Math.max(2, Math.min(5, Math.floor(boxPx / TICK_HEIGHT_PX)));
    const scale = valueScale(known, { ...plot, tickCount });
    const box = { plot, top, bottom: top + boxPx, scale, drawn };
    top += boxPx + PLOT_GAP_PX;
    return box;
  });
}

export function timeToX(geometry: ChartGeometry, timeMs: number): number {
  return project(timeMs, geometry.fromMs, geometry.toMs, geometry.left, geometry.right);
}

export function xToTimeMs(geometry: ChartGeometry, x: number): number {
  const clamped = Math.max(geometry.left, Math.min(geometry.right, x));
  return project(clamped, geometry.left, geometry.right, geometry.fromMs, geometry.toMs);
}

export function valueToY(box: PlotBox, value: number): number {
  return project(value, box.scale.min, box.scale.max, box.bottom, box.top);
}
