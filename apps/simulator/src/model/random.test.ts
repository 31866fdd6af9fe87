import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashUnit, RandomStream } from './random.ts';

const draws = (stream: RandomStream, n: number): number[] => Array.from({ length: n }, () => stream.next());
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('seeded streams', () => {
  it('give the same numbers for the same name', () => {
    expect(draws(new RandomStream(7, 'a', 3), 50)).toEqual(draws(new RandomStream(7, 'a', 3), 50));
  });

  it('are independent for different names and seeds', () => {
    const first = draws(new RandomStream(7, 'a', 3), 20);
    for (const other of [new RandomStream(7, 'a', 4), new RandomStream(8, 'a', 3), new RandomStream(7, 'b', 3)])
      expect(draws(other, 20).filter((v, i) => v === first[i])).toEqual([]);
  });

  it('stay in [0, 1) and spread evenly', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const values = draws(new RandomStream(seed, 'x'), 2_000);
        expect(values.every((v) => v >= 0 && v < 1)).toBe(true);
        expect(mean(values)).toBeGreaterThan(0.45);
        expect(mean(values)).toBeLessThan(0.55);
      }),
      { numRuns: 30 },
    );
  });

  it('hash neighbouring numbers to values that spread evenly', () => {
    const values = Array.from({ length: 5_000 }, (_, i) => hashUnit(1, 'n', i));
    expect(mean(values)).toBeCloseTo(0.5, 1);
    expect(new Set(values).size).toBeGreaterThan(4_990);
  });

  it.each([0.3, 4, 35, 200])('draw Poisson counts of mean %s', (expected) => {
    const stream = new RandomStream(3, 'poisson', expected);
    const counts = Array.from({ length: 4_000 }, () => stream.poisson(expected));
    const average = mean(counts);
    expect(Math.abs(average - expected)).toBeLessThan(4 * Math.sqrt(expected / 4_000) + 0.01);
    expect(mean(counts.map((c) => (c - average) ** 2)) / expected).toBeCloseTo(1, 0);
  });

  it('draw log-normal times round their median', () => {
    const stream = new RandomStream(3, 'log-normal');
    const below = Array.from({ length: 4_000 }, () => stream.logNormal(60, 1)).filter((v) => v < 60).length;
    expect(below / 4_000).toBeCloseTo(0.5, 1);
  });
});
