import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { PALETTE, SIZE } from '../testing/chart.ts';
import { CursorLayer } from './CursorLayer.tsx';
import { createCursorStore } from './cursor.ts';
import { EndLabels, endLabels } from './EndLabels.tsx';
import { chartGeometry } from './geometry.ts';
import type { ChartPlot, TimeChartModel } from './model.ts';
import { chartOption } from './option.ts';
import { categoryColour, seriesCss } from './palette.ts';
import { Readout } from './Readout.tsx';
import { stepWords } from './summary.ts';
import { Tape } from './Tape.tsx';
import { TimeSeriesChart } from './TimeSeriesChart.tsx';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 10, 27, 12);

function plot(
  mark: 'line' | 'bars' | 'area',
  columns: readonly (readonly (number | null)[])[],
  isStacked = false,
): ChartPlot {
  return {
    key: mark,
    share: 1,
    fromZero: true,
    isStacked,
    series: columns.map((values, index) => ({
      key: String(index),
      name: `Series ${index}`,
      colour: categoryColour(index),
      mark,
      values,
    })),
    formatTick: String,
    formatValue: (value) => (value === null ? '–' : `${value}/s`),
  };
}

function model(plots: readonly ChartPlot[], finalCount: number): TimeChartModel {
  const steps = plots[0]?.series[0]?.values.length ?? 0;
  return { startMs: START_MS, stepMs: MINUTE_MS, steps, finalThroughMs: START_MS + finalCount * MINUTE_MS, plots };
}

interface DrawnSeries {
  readonly type: string;
  readonly stack?: string;
  readonly data: readonly {
    readonly value: readonly [number, number | null];
    readonly symbol?: string;
    readonly itemStyle?: object;
  }[];
  readonly lineStyle?: { readonly type?: readonly number[] };
}

function drawn(chart: TimeChartModel): readonly DrawnSeries[] {
  return chartOption(chart, chartGeometry(chart, SIZE, 'UTC'), PALETTE).series as readonly DrawnSeries[];
}

describe('what is drawn', () => {
  it('a line is solid to its last final step, dashed after it, and both stretches share that point', () => {
    const [solid, dashed] = drawn(model([plot('line', [[1, 2, 3, 4]])], 2));
    expect(solid?.data.map((item) => item.value[1])).toEqual([1, 2]);
    expect(dashed?.data.map((item) => item.value[1])).toEqual([2, 3, 4]);
    expect(dashed?.lineStyle?.type).toBeDefined();
  });

  it('the last point is hollow', () => {
    const [, dashed] = drawn(model([plot('line', [[1, 2, 3, null]])], 4));
    expect(dashed?.data.at(-1)).toMatchObject({
      value: [START_MS + 2.5 * MINUTE_MS, 3],
      symbol: 'circle',
      itemStyle: { color: 'surface', borderColor: 'series-1' },
    });
  });

  it('a value between two gaps is a point, as a line of one would not be seen', () => {
    const [solid] = drawn(model([plot('line', [[null, 5, null, 1, 2]])], 5));
    expect(solid?.data[1]).toMatchObject({ symbol: 'circle' });
  });

  it('provisional bars are hollow where there is room, faint where not', () => {
    const [wide] = drawn(model([plot('bars', [[1, 2]])], 1));
    expect(wide?.data.map((item) => item.itemStyle)).toEqual([
      { color: 'series-1', opacity: 0.55 },
      expect.objectContaining({ color: 'surface', borderColor: 'series-1' }),
    ]);
    const [dense] = drawn(model([plot('bars', [new Array(400).fill(1)])], 399));
    expect(dense?.data.at(-1)?.itemStyle).toEqual({ color: 'series-1', opacity: 0.24 });
  });

  it('stacked bars carry their own values and one stack', () => {
    const series = drawn(model([plot('bars', [[1], [2]], true)], 1));
    expect(series.map((one) => [one.stack, one.data[0]?.value[1]])).toEqual([
      ['bars', 1],
      ['bars', 2],
    ]);
  });

  it('every plot has its own grid under one x-axis', () => {
    const chart = model([plot('line', [[1, 2]]), plot('area', [[3, 4]])], 2);
    const option = chartOption(chart, chartGeometry(chart, SIZE, 'UTC'), PALETTE) as {
      grid: { left: number; width: number }[];
    };
    expect(option.grid.map(({ left, width }) => [left, width])).toEqual([
      [44, 488],
      [44, 488],
    ]);
  });
});

describe('labels and readout', () => {
  const chart = model(
    [
      plot('line', [
        [1, 2, 3],
        [1, 2, 3.1],
        [null, null, null],
      ]),
    ],
    2,
  );

  it('name each known series at its end, apart from each other', () => {
    const labels = endLabels(chartGeometry(chart, SIZE, 'UTC'));
    expect(labels.map((label) => `${label.value} ${label.name}`)).toEqual(['3/s Series 0', '3.1/s Series 1']);
    expect(Math.abs((labels[0]?.y ?? 0) - (labels[1]?.y ?? 0))).toBeGreaterThanOrEqual(15);
  });

  it('leave the labels to the readout on narrow screens', () => {
    const narrow = chartGeometry(chart, { width: 340, height: 240 }, 'UTC');
    expect(renderToStaticMarkup(<EndLabels geometry={narrow} />)).not.toContain('Series');
  });

  it('the readout shows the newest values, or those at the cursor', () => {
    const cursor = createCursorStore();
    const newest = renderToStaticMarkup(<Readout model={chart} zone="UTC" cursor={cursor} />);
    expect(newest).toContain('12:02 UTC');
    expect(newest).toContain('provisional after 12:02');
    expect(stepWords(chart, 1, 'UTC')).toBe('12:01 UTC: Series 0 2/s, Series 1 2/s, Series 2 –');
  });

  it('the cursor marks nothing outside the chart', () => {
    const markup = renderToStaticMarkup(
      <CursorLayer model={chart} geometry={chartGeometry(chart, SIZE, 'UTC')} cursor={createCursorStore()} />,
    );
    expect(markup).toBe('');
  });

  it('a chart says in words what it shows, before it is laid out', () => {
    const markup = renderToStaticMarkup(<TimeSeriesChart model={chart} zone="UTC" label="Rates" />);
    expect(markup).toContain('role="slider"');
    expect(markup).toContain('Series 2: no data.');
  });

  it('categories start over after eight, and ink has a colour of its own', () => {
    expect([categoryColour(0), categoryColour(8), seriesCss('ink'), seriesCss(3)]).toEqual([
      1,
      1,
      'var(--ink)',
      'var(--series-3)',
    ]);
  });

  it('the tape waits for its size', () => {
    const bounds = { fromMs: 0, toMs: 86_400_000 };
    const markup = renderToStaticMarkup(
      <Tape
        startMs={0}
        stepMs={300_000}
        values={[]}
        bounds={bounds}
        stretch={bounds}
        zone="UTC"
        onChange={() => undefined}
      />,
    );
    expect(markup).toContain('Range on the last 24 hours');
  });
});
