import type { FeedEvent, NowPayload, RegionRow } from '@ebap/pipeline/contracts';
import type { SeriesResult } from '@ebap/pipeline/semantics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultTrailingMs } from './defaultRange.ts';
import { feedRateWords, feedRow } from './feedRows.ts';
import { salesOfLastMinute } from './NowPanel.tsx';
import { ordersModel } from './OrdersPanel.tsx';
import { rateModel } from './RatePanel.tsx';
import { regionsTable } from './RegionsPanel.tsx';
import { alignColumn, drawnValues, hasValues, rollingRatio } from './seriesModel.ts';
import { type LiveUrlState, liveUrlParams, parseLiveUrl, rangeFromStretch, trailingForRange } from './urlState.ts';
import { regionLabel } from './words.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const SPARKLINES: NowPayload['sparklines'] = {
  startMs: 0,
  stepMs: MINUTE_MS,
  activeUsers: [],
  eventsPerSecond: [],
  salesPerMinute: [],
  abandonment: [],
};

function result(
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
    stepMs: MINUTE_MS,
    steps,
    asOfMs,
    finalThroughMs: 0,
    series: Object.entries(columns).map(([key, values]) => ({ key, label: key, values })),
  };
}

describe('the Live address', () => {
  it('says nothing about what is as by default', () => {
    expect(liveUrlParams(parseLiveUrl(new URLSearchParams())).toString()).toBe('');
  });

  it('says a range that was chosen, though it be the one shown without choice', () => {
    const chosen = {
      ...parseLiveUrl(new URLSearchParams()),
      range: { kind: 'trailing', trailingMs: 3 * HOUR_MS },
    } as const;
    expect(liveUrlParams(chosen).toString()).toBe('range=3h');
  });

  it('gives back every state it was given', () => {
    const state: fc.Arbitrary<LiveUrlState> = fc.record({
      range: fc.oneof(
        fc.constant(null),
        fc
          .constantFrom(15 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, 24 * HOUR_MS)
          .map((trailingMs) => ({ kind: 'trailing' as const, trailingMs })),
        fc
          .tuple(fc.nat(2e12), fc.integer({ min: 1, max: 1e8 }))
          .map(([fromMs, lengthMs]) => ({ kind: 'fixed' as const, fromMs, toMs: fromMs + lengthMs })),
      ),
      zone: fc.constantFrom(null, 'UTC', 'Asia/Kolkata'),
      platform: fc.constantFrom(null, 'web', 'ios'),
      region: fc.constantFrom(null, 'eu-west-1'),
      feedActions: fc.constantFrom([], ['cart'], ['cart', 'purchase']),
      panel: fc.constantFrom(null, 'orders'),
      tables: fc.constantFrom([], ['orders', 'now']),
    });
    fc.assert(
      fc.property(state, (one) => {
        expect(parseLiveUrl(new URLSearchParams(liveUrlParams(one).toString()))).toEqual(one);
      }),
    );
  });

  it('takes nothing that it would not write', () => {
    const hostile =
      'range=9y&tz=Mars/Base&platform=%3Cb%3E&region=..%2F..&actions=drop&panel=%22%3E&table=a%22&from=x&to=y';
    expect(liveUrlParams(parseLiveUrl(new URLSearchParams(hostile))).toString()).toBe('');
  });

  it('a dragged stretch follows now only if it ends there and has an offered length', () => {
    const nowMs = 100 * HOUR_MS;
    expect(rangeFromStretch(nowMs - HOUR_MS, nowMs, nowMs)).toEqual({ kind: 'trailing', trailingMs: HOUR_MS });
    expect(rangeFromStretch(nowMs - 2 * HOUR_MS, nowMs, nowMs).kind).toBe('fixed');
    expect(rangeFromStretch(nowMs - 3 * HOUR_MS, nowMs - 2 * HOUR_MS, nowMs).kind).toBe('fixed');
  });

  it('asks for the smallest span that reaches back far enough', () => {
    const nowMs = 100 * HOUR_MS;
    expect(trailingForRange({ kind: 'fixed', fromMs: nowMs - 90 * MINUTE_MS, toMs: nowMs }, nowMs)).toBe(3 * HOUR_MS);
    expect(trailingForRange({ kind: 'fixed', fromMs: 0, toMs: 1 }, nowMs)).toBe(24 * HOUR_MS);
  });
});

describe('the range nobody chose', () => {
  const STEP_MS = 5 * MINUTE_MS;
  /** A day of 5 min steps of which the last `knownSteps` have data. */
  const day = (knownSteps: number) => ({
    ...result(
      'events/s',
      { '*': Array.from({ length: 288 }, (_, i) => (i < 288 - knownSteps ? null : 4)) },
      24 * HOUR_MS,
    ),
    stepMs: STEP_MS,
  });

  it('is the shortest that holds all there is, at most three hours', () => {
    const minutes = [0, 1, 3, 4, 12, 13, 36, 37, 288].map((steps) => defaultTrailingMs(day(steps), null) / MINUTE_MS);
    expect(minutes).toEqual([15, 15, 15, 60, 60, 180, 180, 180, 180]);
  });

  it('always reaches back to the first data, unless that is older than three hours', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 36 }), (steps) => {
        expect(defaultTrailingMs(day(steps), null)).toBeGreaterThanOrEqual(steps * STEP_MS);
      }),
    );
  });
});

describe('the beginning within its step of five minutes', () => {
  it.each([
    [13, 15],
    [15, 15],
    [16, 60],
    [59, 60],
    [61, 180],
  ])('data of %i min is shown over %i min', (ageMinutes, shownMinutes) => {
    const asOfMs = 24 * HOUR_MS + 4 * MINUTE_MS;
    const firstStep = Math.floor((asOfMs - ageMinutes * MINUTE_MS) / (5 * MINUTE_MS));
    const overview = {
      ...result('events/s', { '*': Array.from({ length: 289 }, (_, i) => (i < firstStep ? null : 4)) }, asOfMs),
      stepMs: 5 * MINUTE_MS,
    };
    const minutes = {
      ...SPARKLINES,
      startMs: asOfMs - HOUR_MS,
      eventsPerSecond: Array.from({ length: 60 }, (_, i) => (60 - i > ageMinutes ? null : 4)),
    };
    expect(defaultTrailingMs(overview, minutes) / MINUTE_MS).toBe(shownMinutes);
  });
});

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

describe('regions', () => {
  const region = (code: string, name: string, eventsPerSecond: number, euros: number): RegionRow => ({
    code,
    name,
    coords: null,
    eventsPerSecond,
    activeUsers: 1,
    sales: euros * 10_000,
    abandonment: 0.5,
  });
  const columns = (...rows: readonly RegionRow[]) =>
    regionsTable({ asOfMs: 0, currency: 'EUR', rows }).rows.map(({ cells }) =>
      [0, 1, 2, 4].map((column) => cells[column]?.text),
    );

  it('have one form per column', () => {
    expect(columns(region('a', 'A', 5.94, 1_004), region('b', 'B', 0.1, 88.2), region('c', 'C', 4, 0))).toEqual([
      ['a', 'A', '5.9', '€1,004'],
      ['b', 'B', '0.1', '€88'],
      ['c', 'C', '4.0', '€0'],
    ]);
    expect(columns(region('a', 'A', 480.4, 47.5), region('b', 'B', 9.6, 3))).toEqual([
      ['a', 'A', '480', '€47.50'],
      ['b', 'B', '10', '€3.00'],
    ]);
  });

  it('that are not known are named once', () => {
    expect(columns(region('unknown', 'Unknown', 1, 0))[0]?.slice(0, 2)).toEqual(['Unknown', '']);
    expect(regionLabel({ code: 'unknown', name: 'Unknown' })).toBe('Unknown');
    expect(regionLabel({ code: 'eu-west-1', name: 'Ireland' })).toBe('eu-west-1 Ireland');
  });
});

describe('feed rows', () => {
  const event: FeedEvent = {
    id: 'id-1',
    timeMs: Date.UTC(2026, 10, 27, 13, 32, 6, 700),
    action: 'cart',
    platform: 'web',
    region: 'eu-west-1',
    tier: 'gold',
    itemId: 'JKT-4471',
    amount: '189.00',
    currency: 'EUR',
    pseudonym: 'u_7f',
    profileVersionMs: null,
    partition: 17,
    offset: 84_220_119,
    appendMs: Date.UTC(2026, 10, 27, 13, 32, 7, 500),
    late: false,
  };

  it('say what happened, in the page’s zone', () => {
    const row = feedRow(event, 'Europe/Berlin');
    expect([row.time, row.action, row.subject, row.amount, row.place]).toEqual([
      '14:32:06.7',
      'Cart',
      'JKT-4471',
      '€189.00',
      'Web',
    ]);
    expect(row.details.find((detail) => detail.name === 'offset')?.value).toBe('17/84,220,119');
    expect(row.details.find((detail) => detail.name === 'logged after')?.value).toBe('800\u00a0ms');
  });

  it('show a currency that is none as it came', () => {
    expect(feedRow({ ...event, amount: '5', currency: '<b>' }, 'UTC').amount).toBe('5 <b>');
    expect(feedRow({ ...event, amount: '37570.12345', currency: 'JPY' }, 'UTC').amount).toBe('¥37,570.12345');
    expect(feedRow({ ...event, amount: '1e6', currency: null }, 'UTC').amount).toBe('1e6');
    expect(feedRow({ ...event, amount: null }, 'UTC').amount).toBe('');
  });

  it('the rate says how much of what arrives is shown', () => {
    const recent = [
      { atMs: 0, arrived: 0, shown: 0 },
      { atMs: 1_000, arrived: 50_000, shown: 10 },
    ];
    expect(feedRateWords({ events: [], recent }, false)).toBe('50,000/s, 1 in 5,000 shown');
    expect(feedRateWords({ events: [], recent }, true)).toBe('50,000/s in all');
    expect(feedRateWords({ events: [], recent: [recent[0] ?? { atMs: 0, arrived: 0, shown: 0 }] }, false)).toBeNull();
    expect(
      feedRateWords(
        {
          events: [],
          recent: [
            { atMs: 0, arrived: 0, shown: 0 },
            { atMs: 2_000, arrived: 5, shown: 5 },
          ],
        },
        false,
      ),
    ).toBe('2.5/s');
  });
});
