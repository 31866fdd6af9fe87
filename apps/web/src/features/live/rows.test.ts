import type { FeedEvent, RegionRow } from '@ebap/pipeline/contracts';
import { describe, expect, it } from 'vitest';
import { feedRateWords, feedRow } from './feedRows.ts';
import { regionsTable } from './RegionsPanel.tsx';
import { regionLabel } from './words.ts';

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
