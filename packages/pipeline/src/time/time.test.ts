import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALLOWED_LATENESS_MS, advanceWatermark, isLate, NO_WATERMARK, windowStartMs } from './index.ts';

const times = fc.integer({ min: -4e12, max: 4e12 });
const lengths = fc.constantFrom(10_000, 60_000, 300_000, 3_600_000);

describe('windows', () => {
  test.each([
    ['its start belongs to it', 120_000, 120_000],
    ['its last millisecond belongs to it', 179_999, 120_000],
    ['its end belongs to the next', 180_000, 180_000],
    ['a time before the epoch belongs to a window that starts before it', -1, -60_000],
  ])('are half-open: %s', (_, timeMs, startMs) => {
    expect(windowStartMs(timeMs, 60_000)).toBe(startMs);
  });

  test('hold every time exactly once, aligned to the epoch', () => {
    fc.assert(
      fc.property(times, lengths, (timeMs, lengthMs) => {
        const startMs = windowStartMs(timeMs, lengthMs);
        expect(Math.abs(startMs % lengthMs)).toBe(0);
        expect(startMs <= timeMs && timeMs < startMs + lengthMs).toBe(true);
      }),
    );
  });

  test('of a shorter length lie within one of a longer length', () => {
    fc.assert(
      fc.property(times, (timeMs) => {
        const minute = windowStartMs(timeMs, 60_000);
        expect(windowStartMs(minute, 3_600_000)).toBe(windowStartMs(timeMs, 3_600_000));
        expect(windowStartMs(minute + 59_999, 300_000)).toBe(windowStartMs(timeMs, 300_000));
      }),
    );
  });
});

describe('the watermark', () => {
  test('never goes back, whatever arrives', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(times, times)), (records) => {
        let watermarkMs = NO_WATERMARK;
        for (const [eventMs, appendMs] of records) {
          const next = advanceWatermark(watermarkMs, eventMs, appendMs);
          expect(next).toBeGreaterThanOrEqual(watermarkMs);
          watermarkMs = next;
        }
      }),
    );
  });

  test('does not depend on the order of records', () => {
    const last = (records: readonly (readonly [number, number])[]): number =>
      records.reduce((w, [e, a]) => advanceWatermark(w, e, a), NO_WATERMARK);
    fc.assert(
      fc.property(fc.array(fc.tuple(times, times)), (records) => {
        expect(last(records.toReversed())).toBe(last(records));
      }),
    );
  });

  test.each([
    ['trails an event that came at once', 1_000_000, 1_000_000, 1_000_000 - ALLOWED_LATENESS_MS],
    ['trails the event time of one that came late', 700_000, 1_000_000, 700_000 - ALLOWED_LATENESS_MS],
    ['is not led on by a clock that is ahead', 1_300_000, 1_000_000, 1_000_000 - ALLOWED_LATENESS_MS],
  ])('%s', (_, eventMs, appendMs, watermarkMs) => {
    expect(advanceWatermark(NO_WATERMARK, eventMs, appendMs)).toBe(watermarkMs);
  });
});

describe('lateness', () => {
  test('an event at the watermark is on time, one before it is late', () => {
    expect(isLate(5_000, 5_000)).toBe(false);
    expect(isLate(4_999, 5_000)).toBe(true);
  });

  test('nothing is late before the first record', () => {
    expect(isLate(0, NO_WATERMARK)).toBe(false);
  });
});
