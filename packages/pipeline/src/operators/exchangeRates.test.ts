import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { currencyCode } from '../contracts/index.ts';
import { ExchangeRates } from './index.ts';

const code = (text: string): number => currencyCode(new TextEncoder().encode(text), 0);
const [EUR, USD, JPY] = [code('EUR'), code('USD'), code('JPY')];

function rates(...rows: readonly (readonly [number, number, string])[]): ExchangeRates {
  const table = new ExchangeRates();
  for (const row of rows) table.put(...row);
  return table;
}

describe('an amount', () => {
  test.each([
    ['rounds half down to the even unit', 1, '0.5', 0],
    ['rounds half up to the even unit', 3, '0.5', 2],
    ['rounds less than half down', 5, '0.0999999999', 0],
    ['rounds more than half up', 7, '0.5000000001', 4],
    ['of nothing is nothing', 0, '123.4567891234', 0],
    ['keeps ten places of the rate', 10_000_000_000, '0.0000000001', 1],
    ['ignores further places', 10_000_000_000, '0.00000000019', 1],
    ['converts by a whole rate', 749_000, '2', 1_498_000],
    ['converts by a rate without whole part', 10_000, '.25', 2_500],
  ])('%s', (_, units, rate, expected) => {
    expect(rates([EUR, 0, '1'], [USD, 0, rate]).convert(units, USD, EUR, 0)).toBe(expected);
  });

  test('in the same currency is itself, also without any rate', () => {
    expect(rates().convert(749_001, USD, USD, 0)).toBe(749_001);
  });

  test('converts over the pivot between two others', () => {
    // 1 USD = 0.9 EUR, 1 JPY = 0.006 EUR: 1 USD = 150 JPY.
    expect(rates([USD, 0, '0.9'], [JPY, 0, '0.006']).convert(10_000, USD, JPY, 0)).toBe(1_500_000);
  });

  test('agrees with exact fractions, half to even', () => {
    const rate = fc.bigInt({ min: 1n, max: 10n ** 14n });
    const text = (r: bigint): string => `${r / 10n ** 10n}.${(r % 10n ** 10n).toString().padStart(10, '0')}`;
    fc.assert(
      fc.property(fc.nat({ max: 1e12 }), rate, rate, (units, from, to) => {
        const exact = BigInt(units) * from;
        const floor = exact / to;
        const rest = exact - floor * to;
        const up = rest * 2n > to || (rest * 2n === to && floor % 2n === 1n);
        fc.pre(floor < 2n ** 53n);
        expect(rates([USD, 0, text(from)], [EUR, 0, text(to)]).convert(units, USD, EUR, 0)).toBe(
          Number(up ? floor + 1n : floor),
        );
      }),
    );
  });
});

describe('a rate', () => {
  const table = rates([EUR, 0, '1'], [USD, 2_000, '3'], [USD, 1_000, '2']);
  test.each([
    ['before its first version is missing', 999, null],
    ['holds from its start on', 1_000, 20],
    ['holds up to the next one', 1_999, 20],
    ['is replaced at the start of the next one', 2_000, 30],
    ['of the newest version holds for good', 9e12, 30],
  ])('%s', (_, timeMs, expected) => {
    expect(table.convert(10, USD, EUR, timeMs)).toBe(expected);
  });

  test('that nobody gave is missing, on either side', () => {
    expect(table.convert(10, JPY, EUR, 5_000)).toBeNull();
    expect(table.convert(10, EUR, JPY, 5_000)).toBeNull();
  });

  test('told again replaces itself, taken away uncovers the one before', () => {
    const changed = rates([EUR, 0, '1'], [USD, 0, '2'], [USD, 1_000, '9'], [USD, 1_000, '3']);
    expect(changed.convert(10, USD, EUR, 1_000)).toBe(30);
    changed.remove(USD, 1_000);
    expect(changed.convert(10, USD, EUR, 1_000)).toBe(20);
    changed.remove(USD, 0);
    changed.remove(JPY, 0);
    expect(changed.convert(10, USD, EUR, 1_000)).toBeNull();
  });

  test.each(['null', 'abc', '', '.', '1e-7', '0x10', '-0.5', '0', '0.00000000009', ' 2', '1,5', 'Infinity'])(
    'that is "%s", no number above 0, is ignored: the one before holds',
    (text) => {
      expect(rates([EUR, 0, '1'], [USD, 0, text]).convert(10, USD, EUR, 0)).toBeNull();
      expect(rates([EUR, 0, '1'], [USD, 0, '2'], [USD, 1_000, text]).convert(10, USD, EUR, 1_000)).toBe(20);
    },
  );

  test('that holds from no time on is ignored', () => {
    expect(rates([EUR, 0, '1'], [USD, Number.NaN, '2']).toJSON()).toEqual(rates([EUR, 0, '1']).toJSON());
  });

  test('is the same after a restore', () => {
    const restored = ExchangeRates.fromJSON(JSON.parse(JSON.stringify(table.toJSON())));
    expect(restored.toJSON()).toEqual(table.toJSON());
    for (const timeMs of [0, 1_000, 2_000])
      expect(restored.convert(7, USD, EUR, timeMs)).toBe(table.convert(7, USD, EUR, timeMs));
  });
});
