import { downsampleIndices } from './downsample.ts';
import type { ChartGeometry, PlotBox } from './geometry.ts';
import { type ChartSeries, finalSteps, lastKnown, stepMiddleMs, stepStartMs, type TimeChartModel } from './model.ts';
import type { ChartPalette } from './palette.ts';

const SERIES_WIDTH_PX = 1.6;
const PROVISIONAL_WIDTH_PX = 1.4;
const DASH_PX = [3, 2.2];
const LAST_POINT_PX = 7;
const LONE_DOT_PX = 4;
const SHORTEST_DASH_PX = 8;
/** Points per px of plot beyond which a line is thinned. */
const POINTS_PER_PX = 2;

interface Item {
  readonly value: readonly [number, number | null];
  readonly symbol?: string;
  readonly symbolSize?: number;
  readonly itemStyle?: object;
}

/** The ECharts option of a chart: axes and marks at the places the geometry gives, without animation or events. */
export function chartOption(
  model: TimeChartModel,
  geometry: ChartGeometry,
  palette: ChartPalette,
): Record<string, unknown> {
  return {
    animation: false,
    textStyle: { fontFamily: palette.fontFamily },
    grid: geometry.boxes.map((box) => ({
      left: geometry.left,
      top: box.top,
      width: Math.max(1, geometry.right - geometry.left),
      height: Math.max(1, box.bottom - box.top),
      containLabel: false,
      outerBoundsMode: 'none',
    })),
    xAxis: geometry.boxes.map((_, index) => timeAxis(geometry, palette, index)),
    yAxis: geometry.boxes.map((box, index) => valueAxis(box, palette, index)),
    series: geometry.boxes.flatMap((box, index) =>
      box.plot.series.flatMap((series, place) => marks(model, geometry, box, series, place, index, palette)),
    ),
  };
}

function timeAxis(geometry: ChartGeometry, palette: ChartPalette, gridIndex: number): object {
  const isLowest = gridIndex === geometry.boxes.length - 1;
  const ticks = geometry.ticks.map((tick) => tick.timeMs);
  const labels = new Map(geometry.ticks.map((tick) => [tick.timeMs, tick.label]));
  return {
    type: 'value',
    gridIndex,
    min: geometry.fromMs,
    max: geometry.toMs,
    // Bars would widen the axis, and cursors of charts above each other would part.
    containShape: false,
    axisLine: { show: isLowest, onZero: false, lineStyle: { color: palette.axis } },
    axisTick: { show: false, customValues: ticks },
    splitLine: { show: true, lineStyle: { color: palette.grid, width: 1 } },
    axisLabel: {
      show: isLowest,
      customValues: ticks,
      color: palette.tick,
      fontSize: 11,
      margin: 6,
      hideOverlap: true,
      formatter: (value: number) => labels.get(value) ?? '',
    },
  };
}

function valueAxis(box: PlotBox, palette: ChartPalette, gridIndex: number): object {
  return {
    type: 'value',
    gridIndex,
    min: box.scale.min,
    max: box.scale.max,
    interval: box.scale.step,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: true, lineStyle: { color: palette.grid, width: 1 } },
    axisLabel: {
      color: palette.tick,
      fontSize: 11,
      margin: 8,
      formatter: (value: number) =>
        value === 0 && box.plot.fromZero
          ? ''
          : box.plot.formatTick(value, box.scale.step, value === box.scale.ticks.at(-1)),
    },
  };
}

function marks(
  model: TimeChartModel,
  geometry: ChartGeometry,
  box: PlotBox,
  series: ChartSeries,
  place: number,
  gridIndex: number,
  palette: ChartPalette,
): readonly object[] {
  const base = {
    xAxisIndex: gridIndex,
    yAxisIndex: gridIndex,
    silent: true,
    animation: false,
    z: 2 + place,
  };
  const values = box.drawn[place] ?? [];
  const colour = palette.series(series.colour);
  if (series.mark === 'bars') {
    const stack = box.plot.isStacked ? { ...base, stack: box.plot.key } : base;
    return [bars(model, geometry, series.values, colour, palette, stack)];
  }
  return lines(model, geometry, values, colour, palette, base, series.mark === 'area');
}

function lines(
  model: TimeChartModel,
  geometry: ChartGeometry,
  values: readonly (number | null)[],
  colour: string,
  palette: ChartPalette,
  base: object,
  isFilled: boolean,
): readonly object[] {
  const last = lastKnown(values);
  // The two stretches share a point, so that the line has no hole where it turns provisional.
  const seam = Math.max(0, Math.min(last, finalSteps(model) - 1));
  const maxPoints = Math.max(64, (geometry.right - geometry.left) * POINTS_PER_PX);
  const item = (index: number): Item => ({ value: [stepMiddleMs(model, index), values[index] ?? null] });
  const solid = downsampleIndices(values.slice(0, seam + 1), maxPoints).map((index) =>
    isAlone(values, index) ? { ...item(index), symbol: 'circle', symbolSize: 3 } : item(index),
  );
  const dashed: Item[] = [];
  for (let index = seam; index <= last; index += 1) {
    if (index === last && isAlone(values, index)) dashed.push(...loneStep(model, geometry, index, values));
    else dashed.push(index === last ? { ...item(index), ...hollowPoint(colour, palette) } : item(index));
  }
  const look = { ...base, type: 'line', symbol: 'none', showSymbol: true, connectNulls: false, color: colour };
  const area = isFilled ? { areaStyle: { color: colour, opacity: 0.22 } } : {};
  return [
    { ...look, ...area, data: solid, lineStyle: { color: colour, width: SERIES_WIDTH_PX, join: 'round' } },
    { ...look, ...area, data: dashed, lineStyle: { color: colour, width: PROVISIONAL_WIDTH_PX, type: DASH_PX } },
  ];
}

/** The last point is always hollow: it is not final. */
function hollowPoint(colour: string, palette: ChartPalette): Omit<Item, 'value'> {
  return {
    symbol: 'circle',
    symbolSize: LAST_POINT_PX,
    itemStyle: { color: palette.surface, borderColor: colour, borderWidth: 1.6 },
  };
}

/**
 * One value without neighbours makes no line, and a ring by itself would look lost: it is drawn as a dash as long as its
 * step, or a dot where that is too short to be seen.
 */
function loneStep(
  model: TimeChartModel,
  geometry: ChartGeometry,
  index: number,
  values: readonly (number | null)[],
): readonly Item[] {
  const value = values[index] ?? null;
  const stepPx = (geometry.right - geometry.left) / Math.max(1, model.steps);
  if (stepPx < SHORTEST_DASH_PX) {
    return [{ value: [stepMiddleMs(model, index), value], symbol: 'circle', symbolSize: LONE_DOT_PX }];
  }
  return [{ value: [stepStartMs(model, index), value] }, { value: [stepStartMs(model, index + 1), value] }];
}

function isAlone(values: readonly (number | null)[], index: number): boolean {
  return (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null;
}

function bars(
  model: TimeChartModel,
  geometry: ChartGeometry,
  values: readonly (number | null)[],
  colour: string,
  palette: ChartPalette,
  base: object,
): object {
  const slotPx = (geometry.right - geometry.left) / Math.max(1, model.steps);
  const widthPx = Math.max(0.6, slotPx - (slotPx > 2.5 ? 1 : 0.4));
  const firstOpen = finalSteps(model);
  const final = { color: colour, opacity: 0.55 };
  const provisional =
    slotPx < 3
      ? { color: colour, opacity: 0.24 }
      : { color: palette.surface, borderColor: colour, borderWidth: 0.9, opacity: 0.9 };
  return {
    ...base,
    type: 'bar',
    barWidth: widthPx,
    barGap: '-100%',
    data: values.map((value, index) => ({
      // Nothing has no outline either.
      value: [stepMiddleMs(model, index), value === 0 ? null : value],
      itemStyle: index < firstOpen ? final : provisional,
    })),
  };
}
