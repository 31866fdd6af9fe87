import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  evenFormat,
  evenMoneyFormat,
  formatAge,
  formatBytes,
  formatClock,
  formatCompact,
  formatCount,
  formatDuration,
  formatMoney,
  formatMoneyCompact,
  formatPercent,
  formatRate,
  formatSpan,
  formatTick,
  moneyToDecimal,
  moneyToNumber,
  zoneLabel,
  zoneOffsetMs,
} from './index.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('numbers', () => {
  it.each([
    [0, '0'],
    [0.416, '0.42'],
    [9.34, '9.3'],
    [42, '42'],
    [3278, '3,278'],
    [9999.6, '10.0k'],
    [14_200, '14.2k'],
    [184_302, '184k'],
    [1_830_000, '1.8M'],
    [-14_200, '-14.2k'],
  ])('%d is short as %s', (value, text) => expect(formatCompact(value)).toBe(text));

  it('a compact number never takes more than six characters', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 9e14, noNaN: true }), (value) => formatCompact(value).length <= 6));
  });

  it('what is not known is a dash, never a zero', () => {
    expect([formatCount(null), formatRate(undefined), formatPercent(Number.NaN), formatBytes(null)]).toEqual([
      '–',
      '–',
      '–',
      '–',
    ]);
  });

  it('ticks are as short as their distance allows', () => {
    expect([5_000, 10_000].map((value) => formatTick(value, 5_000))).toEqual(['5k', '10k']);
    expect([2_500, 5_000].map((value) => formatTick(value, 2_500))).toEqual(['2.5k', '5k']);
    expect([0.25, 0.5, 1].map((value) => formatTick(value, 0.25))).toEqual(['0.25', '0.5', '1']);
    expect(formatTick(400, 200)).toBe('400');
  });

  it('small rates keep decimals, large ones are whole', () => {
    expect([0, 0.416, 9.34, 48_213.4].map(formatRate)).toEqual(['0', '0.42', '9.3', '48,213']);
  });

  it('sizes are binary and roll over before 1024', () => {
    expect([812, 1023.99, 1_468_006, 2 ** 30].map((bytes) => plain(formatBytes(bytes)))).toEqual([
      '812 B',
      '1.0 KiB',
      '1.4 MiB',
      '1.0 GiB',
    ]);
  });
});

describe('money', () => {
  it('shows 1e-4 units exactly, also beyond what a float holds', () => {
    expect(formatMoney('749000', 'EUR')).toBe('€74.90');
    expect(formatMoney(-123_456_789_012_345_678_900n, 'EUR')).toBe('-€12,345,678,901,234,567.89');
    expect(moneyToDecimal(-5n)).toBe('-0.0005');
  });

  it('keeps text that is no amount and no currency as it is', () => {
    expect(formatMoney('12.5', 'EUR')).toBe('–');
    expect(formatMoney('749000', '<b>')).toBe('74.9000 <b>');
  });

  it('is short on tiles', () => {
    expect([937, 14_700, 1_830_000].map((value) => formatMoneyCompact(value, 'EUR'))).toEqual([
      '€937',
      '€14.7k',
      '€1.8M',
    ]);
  });

  it('decimal text and float agree to the last float', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), (units) => {
        expect(moneyToNumber(String(units))).toBeCloseTo(Number(moneyToDecimal(String(units))), 3);
      }),
    );
  });
});

describe('durations', () => {
  it.each([
    [0, '0 ms'],
    [412, '412 ms'],
    [1_840, '1.8 s'],
    [42_400, '42 s'],
    [59_700, '1 min'],
    [90_000, '1 min 30 s'],
    [34 * 60_000, '34 min'],
    [125 * 60_000, '2 h 5 min'],
    [100 * 3_600_000, '4 d 4 h'],
    [-1_840, '−1.8 s'],
  ])('%d ms is %s', (ms, text) => expect(plain(formatDuration(ms))).toBe(text));

  it('ages are whole units of the past', () => {
    expect([-3_000, 400, 2_400, 61_000, 7_300_000].map((ms) => plain(formatAge(ms)))).toEqual([
      'now',
      'now',
      '2 s ago',
      '1 min ago',
      '2 h ago',
    ]);
  });
});

describe('times', () => {
  const noon = Date.UTC(2026, 10, 27, 12, 5, 6, 940);

  it('are shown in the chosen zone', () => {
    expect(formatClock(noon, 'Europe/Berlin', 'tenth')).toBe('13:05:06.9');
    expect(formatSpan(noon - 3 * 3_600_000, noon, 'UTC')).toBe('Fri 27 Nov, 09:05 – 12:05');
    expect(formatSpan(noon - 24 * 3_600_000, noon, 'UTC')).toBe('Thu 26 Nov, 12:05 – Fri 27 Nov, 12:05');
  });

  it.each([
    ['UTC', 'UTC'],
    ['Europe/Berlin', 'CET, UTC+1'],
    ['Asia/Kolkata', 'UTC+5:30'],
    ['America/New_York', 'UTC−5'],
  ])('the zone %s reads %s', (zone, label) => expect(zoneLabel(noon, zone)).toBe(label));

  it('offsets follow summer time', () => {
    expect(zoneOffsetMs(Date.UTC(2026, 6, 1), 'Europe/Berlin')).toBe(2 * 3_600_000);
    expect(zoneOffsetMs(Date.UTC(2026, 0, 1), 'Europe/Berlin')).toBe(3_600_000);
  });
});

describe('a column of numbers', () => {
  const column = (values: readonly (number | null)[]) => values.map(evenFormat(values));

  it('has one form, by its largest', () => {
    expect(column([5.94, 0.1, 0, null])).toEqual(['5.9', '0.1', '0.0', '–']);
    expect(column([0.416, 0.02])).toEqual(['0.42', '0.02']);
    expect(column([48_213.4, 9.6])).toEqual(['48,213', '10']);
    expect(column([12_300_000, 400])).toEqual(['12,300k', '0k']);
    expect(column([4_200_000_000, 1_000_000])).toEqual(['4,200M', '1M']);
    expect(column([0, 0])).toEqual(['0', '0']);
    expect(column([])).toEqual([]);
  });

  it('of amounts has cents only where all are small', () => {
    const amounts = (values: readonly number[]) => values.map(evenMoneyFormat(values, 'EUR'));
    expect(amounts([1_004, 88.2, 0])).toEqual(['€1,004', '€88', '€0']);
    expect(amounts([47.5, -3, 0])).toEqual(['€47.50', '−€3.00', '€0.00']);
    expect(amounts([0, 0])).toEqual(['€0', '€0']);
  });

  it('a single small amount has cents', () => {
    expect([0, 0.4, 47.5, 99.99, 100].map((value) => formatMoneyCompact(value, 'EUR'))).toEqual([
      '€0',
      '€0.40',
      '€47.50',
      '€99.99',
      '€100',
    ]);
  });
});
