import { expect, test } from 'vitest';
import { LagSeries } from './lagSeries.ts';
import { quantiles } from './quantiles.ts';

test('quantiles are samples, in whatever order they came', () => {
  const samples = Array.from({ length: 1_000 }, (_, i) => (i * 7) % 1_000);
  expect(quantiles(samples)).toEqual({ p50: 500, p95: 950, p99: 990, max: 999, samples: 1_000 });
});

test('of nothing there are none', () => {
  expect(quantiles([])).toEqual({ p50: null, p95: null, p99: null, max: null, samples: 0 });
});

test('a lag is summed up by thirds', () => {
  const series = new LagSeries();
  for (const lag of [0, 2, 10, 20, 40, 61]) series.add(lag);
  expect(series.summary()).toEqual({ firstThird: 1, secondThird: 15, lastThird: 51, max: 61 });
});
