import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultTrailingMs } from './defaultRange.ts';
import { result, SPARKLINES } from './testing/results.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

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
