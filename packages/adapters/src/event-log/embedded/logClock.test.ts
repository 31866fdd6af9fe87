import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAhead, type LogTime, nextLogTime } from './logClock.ts';

describe("the log's clock", () => {
  test('never stands and never goes back, whatever the system clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -100_000, max: 100_000 }), { maxLength: 60 }), (steps) => {
        let system = 1_000_000;
        let time: LogTime = { appendTimeMs: system, systemTimeMs: system };
        for (const step of steps) {
          system += step;
          const next = nextLogTime(time, system);
          expect(next.appendTimeMs).toBeGreaterThan(time.appendTimeMs);
          expect(next.appendTimeMs).toBeGreaterThanOrEqual(system);
          time = next;
        }
      }),
    );
  });

  test('is the system clock whenever that is ahead', () => {
    expect(nextLogTime({ appendTimeMs: 10, systemTimeMs: 10 }, 25.9)).toEqual({ appendTimeMs: 25, systemTimeMs: 25 });
  });

  test('after a step back it meets the system clock again in twice the step', () => {
    let system = 0;
    let time = nextLogTime({ appendTimeMs: 60_000, systemTimeMs: 60_000 }, system);
    while (isAhead(time)) {
      system += 1_000;
      time = nextLogTime(time, system);
    }
    expect(system).toBeGreaterThanOrEqual(119_000);
    expect(system).toBeLessThanOrEqual(122_000);
  });
});
