import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { PALETTE, SIZE } from '../testing/chart.ts';
import { EmptyGround, ProvisionalGround } from './Grounds.tsx';
import { chartGeometry } from './geometry.ts';
import { dataBeginsMs, firstKnownStep, type TimeChartModel } from './model.ts';
import { chartOption } from './option.ts';
import { chartSummary } from './summary.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 10, 27, 11);

function model(values: readonly (number | null)[], emptyNote?: string): TimeChartModel {
  return {
    startMs: START_MS,
    stepMs: MINUTE_MS,
    steps: values.length,
    finalThroughMs: START_MS,
    plots: [
      {
        key: 'rate',
        share: 1,
        fromZero: true,
        ...(emptyNote && { emptyNote }),
        series: [{ key: 'web', name: 'Web', colour: 1, mark: 'line', values }],
        formatTick: String,
        formatValue: String,
      },
    ],
  };
}

const unknown = (steps: number) => new Array<null>(steps).fill(null);

function ground(chart: TimeChartModel): string {
  return renderToStaticMarkup(<EmptyGround model={chart} geometry={chartGeometry(chart, SIZE, 'UTC')} zone="UTC" />);
}

describe('the beginning of the data', () => {
  it('is where any series first knows a value', () => {
    expect(firstKnownStep(model([null, 2, null]))).toBe(1);
    expect(dataBeginsMs(model([null, 2, null]))).toBe(START_MS + MINUTE_MS);
    expect([dataBeginsMs(model([1])), dataBeginsMs(model([null]))]).toEqual([null, null]);
  });

  it('is said on the empty stretch and to who hears the chart', () => {
    const young = model([...unknown(6), 3, 4]);
    expect(ground(young)).toContain('no data before 11:06');
    expect(chartSummary(young, 'UTC')).toContain('no data before 11:06');
    expect(ground(model([1, 2]))).not.toContain('no data');
  });

  it('carries its day where the chart spans two', () => {
    const overMidnight = {
      ...model([...unknown(30), ...new Array<number>(40).fill(1)]),
      startMs: START_MS + 12.5 * 3_600_000,
    };
    expect(ground({ ...overMidnight, stepMs: MINUTE_MS })).toMatch(/no data before 00:00/);
    expect(ground({ ...overMidnight, startMs: START_MS + 12.25 * 3_600_000 })).toMatch(
      /no data before .*27 Nov.*23:45/,
    );
  });

  it('is where the provisional ground begins at the earliest', () => {
    const young = model([...unknown(4), 1, 1, 1, 1]);
    const geometry = chartGeometry(young, SIZE, 'UTC');
    const middle = (geometry.left + geometry.right) / 2;
    expect(renderToStaticMarkup(<ProvisionalGround model={young} geometry={geometry} />)).toContain(`left:${middle}px`);
  });

  it('a plot without any value says why', () => {
    expect(ground(model([null, null], 'nothing came due'))).toContain('nothing came due');
    expect(ground(model([null, 1], 'nothing came due'))).not.toContain('nothing came due');
  });
});

describe('a single value', () => {
  const drawn = (steps: number) => {
    const chart = model([...unknown(steps - 1), 5]);
    const option = chartOption(chart, chartGeometry(chart, SIZE, 'UTC'), PALETTE);
    return JSON.stringify(option.series);
  };

  it('is a dash as long as its step, without a ring', () => {
    const from = START_MS + 9 * MINUTE_MS;
    expect(drawn(10)).toContain(`{"value":[${from},5]},{"value":[${from + MINUTE_MS},5]}]`);
    expect(drawn(10)).not.toContain('borderColor');
  });

  it('is a dot where its step is too short to be seen', () => {
    expect(drawn(180)).toContain('"symbolSize":4');
    expect(drawn(180)).not.toContain('borderColor');
  });
});
