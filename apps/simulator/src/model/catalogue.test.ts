import { describe, expect, it } from 'vitest';
import { CATALOGUE, pickItem, priceCents } from './catalogue.ts';
import { RandomStream } from './random.ts';
import { SHOP_REGIONS } from './regions.ts';

describe('the catalogue', () => {
  it('has a few hundred items with ids and names of their own', () => {
    expect(CATALOGUE.length).toBeGreaterThan(250);
    expect(new Set(CATALOGUE.map((i) => i.id)).size).toBe(CATALOGUE.length);
    expect(new Set(CATALOGUE.map((i) => i.name)).size).toBe(CATALOGUE.length);
    for (const item of CATALOGUE) expect(item.id).toMatch(/^[A-Z]{3}-\d{4}-[A-Z0-9]{1,3}$/);
  });

  it('prices every item in every currency at a whole number of cents above zero', () => {
    for (const { currency } of SHOP_REGIONS)
      for (const item of CATALOGUE) {
        const cents = priceCents(item, currency);
        expect(Number.isInteger(cents)).toBe(true);
        expect(cents).toBeGreaterThan(0);
      }
  });

  it.each([
    ['EUR', 18_900],
    ['USD', 20_799],
    ['GBP', 16_649],
    ['JPY', 3_119_000],
    ['INR', 1_509_900],
  ])('sells the trail jacket in %s at a price point', (currency, cents) => {
    const jacket = CATALOGUE.find((i) => i.name === 'Trail jacket, slate');
    expect(jacket === undefined ? null : priceCents(jacket, currency)).toBe(cents);
  });

  it('sells some items far more often than others', () => {
    const stream = new RandomStream(1, 'best sellers');
    const sold = Map.groupBy(
      Array.from({ length: 5_000 }, () => pickItem(0, stream)),
      (i) => i.id,
    );
    const counts = [...sold.values()].map((s) => s.length).sort((a, b) => b - a);
    expect(counts[0]).toBeGreaterThan(5 * (counts[counts.length - 1] ?? 0));
  });
});
