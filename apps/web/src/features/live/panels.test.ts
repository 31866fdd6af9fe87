import type { RegionRow } from '@ebap/pipeline/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { salesOfLastMinute } from './NowPanel.tsx';
import { ordersModel } from './OrdersPanel.tsx';
import { rateModel } from './RatePanel.tsx';
import { regionsTable } from './RegionsPanel.tsx';
import { alignColumn, drawnValues, hasValues, rollingRatio } from './seriesModel.ts';
import { result, SPARKLINES } from './testing/results.ts';

const MINUTE_MS = 60_000;

describe('values to draw', () => {
  it('the open step of a rate is drawn once it has had some time', () => {
    const rates = result('events/s', { '*': [100, 101] }, 1.5 * MINUTE_MS);
    expect(drawnValues('event_rate', rates, rates.series[0] ?? { key: '', label: '', values: [] })).toEqual([100, 101]);
  });

  it('a step that has just begun is not drawn, nor an open count of people', () => {
    const young = result('events/s', { '*': [100, 3] }, 1.05 * MINUTE_MS);
    expect(drawnValues('event_rate', young, young.series[0] ?? { key: '', label: '', values: [] })).toEqual([
      100,
      null,
    ]);
    const users = result('users', { '*': [40, 30] }, 1.9 * MINUTE_MS);
    expect(drawnValues('active_users', users, users.series[0] ?? { key: '', label: '', values: [] })).toEqual([
      40,
      null,
    ]);
  });

  it('money becomes whole currency', () => {
    const sales = result('money/min', { '*': [749_000] }, MINUTE_MS);
    expect(drawnValues('sales_rate', sales, sales.series[0] ?? { key: '', label: '', values: [] })).toEqual([74.9]);
  });

  it('a rolling ratio is the sum above by the sum below, and unknown where nothing came due', () => {
    expect(rollingRatio([1, 2, 0, 0], [2, 2, 0, 0], 2)).toEqual([0.5, 0.75, 1, null]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        (pairs, window) => {
          const above = pairs.map(([a, b]) => Math.min(a, b));
          const below = pairs.map(([, b]) => b);
          const rolled = rollingRatio(above, below, window);
          const sum = (column: readonly number[], end: number) =>
            column.slice(Math.max(0, end + 1 - window), end + 1).reduce((a, b) => a + b, 0);
          rolled.forEach((value, index) => {
            const whole = sum(below, index);
            expect(value).toEqual(whole > 0 ? sum(above, index) / whole : null);
          });
        },
      ),
    );
  });

  it('columns move onto another axis of the same step', () => {
    expect(alignColumn([1, 2, 3], { startMs: 0, stepMs: 10 }, { startMs: 10, steps: 3 })).toEqual([2, 3, null]);
  });

  it('zeros and gaps are no values', () => expect(hasValues(result('events/s', { '*': [0, null] }, 0))).toBe(false));
});

describe('panels', () => {
  it('lines keep the order and colour of their dimension, and absent ones are left out', () => {
    const model = rateModel(result('events/s', { ios: [2], web: [5], pos: [0] }, MINUTE_MS), 'platform');
    expect(model.plots[0]?.series.map((series) => [series.name, series.colour])).toEqual([
      ['Web', 1],
      ['iOS', 2],
    ]);
  });

  it('orders and abandonment share the orders’ axis', () => {
    const ratios = { ...result('ratio', { '*': [0.5, 0.5] }, 2 * MINUTE_MS), finalThroughMs: -1 };
    const model = ordersModel(result('orders', { '*': [7, 8] }, 2 * MINUTE_MS), ratios, 'first carts at 14:03');
    expect(model.plots.map((plot) => plot.series[0]?.values)).toEqual([
      [0.5, 0.5],
      [7, 8],
    ]);
    expect(model.finalThroughMs).toBe(-1);
    expect(model.plots[0]?.formatTick(0.725, 0.025, false)).toBe('72.5');
    expect(model.plots[0]?.formatTick(0.75, 0.025, true)).toBe('75\u00a0%');
  });

  it('orders are drawn while no cart has come due, and the plot above says why it is empty', () => {
    const ratios = result('ratio', { '*': [null, null] }, 2 * MINUTE_MS);
    const [above, below] = ordersModel(
      result('orders', { '*': [7, 8] }, 2 * MINUTE_MS),
      ratios,
      'first carts at 14:03',
    ).plots;
    expect(above?.emptyNote).toBe('first carts at 14:03');
    expect(above?.share).toBeLessThan(below?.share ?? 0);
    expect(below?.series[0]?.values).toEqual([7, 8]);
  });

  it('sales are those of the newest full minute, in whole currency', () => {
    const now = (salesPerMinute: readonly (number | null)[]) => ({
      asOfMs: 0,
      finalThroughMs: 0,
      currency: 'EUR',
      activeUsers: 1,
      eventsPerSecond: 1,
      salesPerMinute: 0,
      abandonment: { ratio: null, abandoned: 0, due: 0 },
      sparklines: { ...SPARKLINES, salesPerMinute },
    });
    expect(salesOfLastMinute(now([50_000, 749_000]))).toBe(74.9);
    expect(salesOfLastMinute(now([null, null]))).toBeNull();
  });

  it('regions are ranked in whole currency', () => {
    const row: RegionRow = {
      code: 'eu-west-1',
      name: 'Ireland',
      coords: [53.3, -6.3],
      eventsPerSecond: 3,
      activeUsers: 9,
      sales: 12_345_600,
      abandonment: null,
    };
    const table = regionsTable({ asOfMs: 0, currency: 'EUR', rows: [row] });
    expect(table.rows[0]?.cells.map((cell) => cell.text)).toEqual(['eu-west-1', 'Ireland', '3.0', '9', '€1,235', '–']);
  });
});
