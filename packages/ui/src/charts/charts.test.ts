import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { chartTable } from './chartTable.ts';
import { bucketIndexAt, createCursorStore } from './cursor.ts';
import { downsampleIndices } from './downsample.ts';
import { chartGeometry, timeToX, valueToY, xToTimeMs } from './geometry.ts';
import { layoutLabels } from './labelLayout.ts';
import { cropModel, finalSteps, lastKnown, stackedValues, stepAt, type TimeChartModel } from './model.ts';
import { sinceBeginning, sparkPath } from './Sparkline.tsx';
import { chartSummary } from './summary.ts';
import { moveStretch, TAPE_MIN_MS } from './tapeModel.ts';
import { timeTicks } from './timeTicks.ts';
import { valueScale } from './valueScale.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 10, 27, 12);

function model(values: readonly (number | null)[], finalCount = values.length): TimeChartModel {
  return {
    startMs: START_MS,
    stepMs: MINUTE_MS,
    steps: values.length,
    finalThroughMs: START_MS + finalCount * MINUTE_MS,
    plots: [
      {
        key: 'rate',
        share: 1,
        fromZero: true,
        series: [{ key: 'web', name: 'Web', colour: 1, mark: 'line', values }],
        formatTick: String,
        formatValue: (value) => (value === null ? '–' : `${value}/s`),
      },
    ],
  };
}

describe('value scale', () => {
  it('has round ticks that hold the data', () => {
    expect(valueScale([3, 18_700], { fromZero: true, tickCount: 4 }).ticks).toEqual([0, 5_000, 10_000, 15_000, 20_000]);
    expect(valueScale([0.694, 0.814], { fromZero: false, tickCount: 3 }).ticks).toEqual([0.65, 0.7, 0.75, 0.8, 0.85]);
  });

  it('stands for nothing, one value and negatives', () => {
    expect(valueScale([], { fromZero: true, tickCount: 4 })).toMatchObject({ min: 0, max: 1 });
    expect(valueScale([0], { fromZero: true, tickCount: 2 })).toMatchObject({ min: 0, max: 1 });
    expect(valueScale([-8, 3], { fromZero: true, tickCount: 2 }).min).toBeLessThanOrEqual(-8);
  });

  it('spans at least what it is told to, within the bounds of the values', () => {
    const options = { fromZero: false, tickCount: 3, minSpan: 0.1, limits: [0, 1] } as const;
    expect(valueScale([0.7, 0.701], options)).toMatchObject({ min: 0.65, max: 0.8 });
    expect(valueScale([0, 0.001], options).min).toBe(0);
    expect(valueScale([1, 0.999], options).max).toBe(1);
  });

  it('always holds every value and stays small', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1 }),
        fc.boolean(),
        (values, fromZero) => {
          const scale = valueScale(values, { fromZero, tickCount: 4 });
          const slack = scale.step * 1e-6;
          expect(scale.min).toBeLessThanOrEqual(Math.min(...values) + slack);
          expect(scale.max).toBeGreaterThanOrEqual(Math.max(...values) - slack);
          expect(scale.ticks.length).toBeLessThanOrEqual(7);
        },
      ),
    );
  });
});

describe('time ticks', () => {
  it('stand at round local times', () => {
    const labels = timeTicks(START_MS, START_MS + 3 * 60 * MINUTE_MS, 'Europe/Berlin', 6).map((tick) => tick.label);
    expect(labels).toEqual(['13:00', '13:30', '14:00', '14:30', '15:00', '15:30', '16:00']);
  });

  it('name the day at local midnight', () => {
    const ticks = timeTicks(START_MS, START_MS + 24 * 60 * MINUTE_MS, 'Asia/Kolkata', 8);
    expect(ticks.find((tick) => tick.isDayStart)).toMatchObject({
      label: 'Sat 28 Nov',
      timeMs: Date.UTC(2026, 10, 27, 18, 30),
    });
  });

  it('stay at round local times over the change to winter time', () => {
    const from = Date.UTC(2026, 9, 24, 22);
    const labels = timeTicks(from, from + 10 * 60 * MINUTE_MS, 'Europe/Berlin', 5).map((tick) => tick.label);
    expect(labels).toEqual(['Sun 25 Oct', '02:00', '04:00', '06:00', '08:00']);
  });
});

describe('downsampling', () => {
  it('leaves short series alone', () => {
    expect(downsampleIndices([1, 2, 3], 10)).toEqual([0, 1, 2]);
  });

  it('keeps the highest, the lowest, the ends and the gaps, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer(), { freq: 20 }), { minLength: 50, maxLength: 400 }), (values) => {
        const kept = downsampleIndices(values, 40);
        const known = values.filter((value) => value !== null);
        const keptValues = kept.map((index) => values[index] ?? null);
        expect([...kept].sort((a, b) => a - b)).toEqual(kept);
        expect(kept.length).toBeLessThanOrEqual(50);
        expect([kept[0], kept.at(-1)]).toEqual([0, values.length - 1]);
        if (known.length > 0) {
          expect(keptValues).toContain(Math.max(...known));
          expect(keptValues).toContain(Math.min(...known));
        }
        if (known.length < values.length) expect(keptValues).toContain(null);
      }),
    );
  });
});

describe('cursor', () => {
  it('tells listeners once per moment', () => {
    const store = createCursorStore();
    const listener = vi.fn();
    const stop = store.subscribe(listener);
    store.set(5);
    store.set(5);
    store.set(null);
    stop();
    store.set(6);
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it('finds the bucket that holds a moment, and none in a hole', () => {
    expect([99, 100, 109, 110, 130, 200].map((timeMs) => bucketIndexAt([100, 120, 130], 10, timeMs))).toEqual([
      -1, 0, 0, -1, 2, -1,
    ]);
  });
});

describe('labels', () => {
  it('move apart as little as they must', () => {
    expect(
      layoutLabels(
        [
          { y: 50, height: 10 },
          { y: 52, height: 10 },
        ],
        0,
        100,
      ),
    ).toEqual([46, 56]);
  });

  it('never overlap and stay inside while there is room', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -20, max: 220, noNaN: true }), { minLength: 1, maxLength: 12 }), (ys) => {
        const centres = [
          ...layoutLabels(
            ys.map((y) => ({ y, height: 15 })),
            0,
            200,
          ),
        ].sort((a, b) => a - b);
        for (let index = 1; index < centres.length; index += 1)
          expect((centres[index] ?? 0) - (centres[index - 1] ?? 0)).toBeGreaterThanOrEqual(15 - 1e-6);
        expect(centres[0]).toBeGreaterThanOrEqual(7.5 - 1e-6);
        expect(centres.at(-1)).toBeLessThanOrEqual(192.5 + 1e-6);
      }),
    );
  });
});

describe('chart model', () => {
  it('knows its steps, what is final and what is known', () => {
    const chart = model([1, 2, null], 2);
    expect(finalSteps(chart)).toBe(2);
    expect(lastKnown(chart.plots[0]?.series[0]?.values ?? [])).toBe(1);
    expect([START_MS - 1, START_MS, START_MS + 3 * MINUTE_MS].map((timeMs) => stepAt(chart, timeMs))).toEqual([
      null,
      0,
      null,
    ]);
  });

  it('crops to the steps a stretch touches', () => {
    const cropped = cropModel(model([1, 2, 3, 4]), START_MS + 90_000, START_MS + 3 * MINUTE_MS);
    expect(cropped).toMatchObject({ startMs: START_MS + MINUTE_MS, steps: 2 });
    expect(cropped.plots[0]?.series[0]?.values).toEqual([2, 3]);
  });

  it('stacks series on those before them', () => {
    const series = [
      [1, null],
      [2, null],
      [3, 4],
    ].map((values, index) => ({ key: String(index), name: '', colour: 'ink' as const, mark: 'bars' as const, values }));
    expect(stackedValues(series)).toEqual([
      [1, 0],
      [3, 0],
      [6, 4],
    ]);
  });

  it('projects times and values to px and back', () => {
    const geometry = chartGeometry(model([0, 20, 10]), { width: 800, height: 240 }, 'UTC');
    const [box] = geometry.boxes;
    expect(timeToX(geometry, START_MS)).toBe(44);
    expect(xToTimeMs(geometry, timeToX(geometry, START_MS + MINUTE_MS))).toBeCloseTo(START_MS + MINUTE_MS);
    expect(box && [valueToY(box, 0), valueToY(box, 20)]).toEqual([220, 8]);
  });

  it('gives all charts of one width the same x-axis', () => {
    const sizes = [
      { width: 640, height: 120 },
      { width: 640, height: 400 },
    ];
    const axes = sizes.map((size) => chartGeometry(model([1, 2]), size, 'UTC')).map(({ left, right }) => [left, right]);
    expect(axes[0]).toEqual(axes[1]);
  });

  it('reads as a table, newest first, and as sentences', () => {
    const chart = model([10, 30, 20], 2);
    const table = chartTable(chart, 'Rate', 'UTC');
    expect(table.rows[0]?.cells.map((cell) => cell.text)).toEqual(['Fri 27 Nov, 12:02', '20/s', 'provisional']);
    expect(chartSummary(chart, 'UTC')).toBe(
      'Fri 27 Nov, 12:00 – 12:03 UTC. Web: 20/s at 12:02, between 10/s and 30/s.',
    );
  });
});

describe('sparkline', () => {
  it('lifts the pen over a gap', () => {
    expect(
      sparkPath(
        [1, 2, null, 3],
        (index) => index,
        (value) => value,
      ),
    ).toBe('M0.0 1.0L1.0 2.0M3.0 3.0');
  });
});

describe('tape', () => {
  const bounds = { fromMs: 0, toMs: 24 * 60 * MINUTE_MS };
  const stretch = { fromMs: 60 * MINUTE_MS, toMs: 240 * MINUTE_MS };

  it('an end stops short of the other', () => {
    expect(moveStretch(stretch, 'from', 500 * MINUTE_MS, bounds)).toEqual({
      fromMs: stretch.toMs - TAPE_MIN_MS,
      toMs: stretch.toMs,
    });
  });

  it('a move keeps the length inside the bounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 }), (byMs) => {
        const moved = moveStretch(stretch, 'move', byMs, bounds);
        expect(moved.toMs - moved.fromMs).toBe(stretch.toMs - stretch.fromMs);
        expect(moved.fromMs).toBeGreaterThanOrEqual(bounds.fromMs);
        expect(moved.toMs).toBeLessThanOrEqual(bounds.toMs);
      }),
    );
  });
});

describe('a sparkline of a young series', () => {
  const young = (steps: number, known: number) =>
    Array.from({ length: steps }, (_, index) => (index < steps - known ? null : index));

  it('begins with its first value, but shows fifteen steps at least', () => {
    expect(sinceBeginning(young(60, 20))).toEqual(young(60, 20).slice(40));
    expect(sinceBeginning(young(60, 2))).toHaveLength(15);
    expect(sinceBeginning(young(10, 2))).toHaveLength(10);
  });

  it('keeps its gaps, and is whole when it knows nothing or everything', () => {
    expect(sinceBeginning([1, null, 3])).toEqual([1, null, 3]);
    expect(sinceBeginning(young(60, 0))).toHaveLength(60);
    expect(sinceBeginning(young(60, 60))).toHaveLength(60);
  });
});
