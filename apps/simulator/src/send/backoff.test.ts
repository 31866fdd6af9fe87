import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../model/index.ts';
import { parseRetryAfter, retryDelayMs } from './backoff.ts';

describe('the wait before another try', () => {
  it('doubles up to 10 s, half of it by chance, and never falls below what the server asked for', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 60_000 }),
        (seed, n, asked) => {
          const waitMs = retryDelayMs(n, asked, new RandomStream(seed, 'jitter'));
          const full = Math.min(10_000, 100 * 2 ** (n - 1));
          expect(waitMs).toBeGreaterThanOrEqual(Math.max(asked, Math.floor(full / 2)));
          expect(waitMs).toBeLessThanOrEqual(Math.max(asked, full));
        },
      ),
    );
  });

  it('is the same for the same seed', () => {
    const waits = (): number[] => {
      const stream = new RandomStream(1, 'jitter');
      return [1, 2, 3, 4].map((n) => retryDelayMs(n, 0, stream));
    };
    expect(waits()).toEqual(waits());
  });
});

describe('Retry-After', () => {
  const nowMs = Date.parse('2026-11-21T10:00:00Z');
  it.each([
    [undefined, 0],
    ['2', 2_000],
    ['0.5', 500],
    ['Sat, 21 Nov 2026 10:00:07 GMT', 7_000],
    ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
    ['soon', 0],
    ['', 0],
  ])('%s means %i ms', (header, expected) => {
    expect(parseRetryAfter(header, nowMs)).toBe(expected);
  });
});
