import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packBatch } from '../ports/index.ts';
import { AppendClock } from './appendClock.ts';

const batchOf = (times: readonly number[]) =>
  packBatch(
    { topic: 't', partition: 0, nextOffset: times.length, endOffset: times.length, readThroughMs: 0 },
    times.map((appendTimeMs, offset) => ({ offset, appendTimeMs, key: null, value: null })),
  );
const held = (clock: AppendClock, times: readonly number[]): readonly number[] => [
  ...clock.hold(batchOf(times)).appendTimesMs,
];
const times = fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 30 });

describe('the append clock of a partition', () => {
  test('leaves a clock that only goes on alone', () => {
    expect(held(new AppendClock(), [10, 10, 20])).toEqual([10, 10, 20]);
  });

  test('stands still while the log’s own is behind what it was', () => {
    const clock = new AppendClock();
    expect(held(clock, [100, 90])).toEqual([100, 100]);
    expect(held(clock, [95, 101])).toEqual([100, 101]);
  });

  test('reads the same times however the log is cut into batches, and whatever is restored in between', () => {
    fc.assert(
      fc.property(times, fc.array(fc.nat(29)), (all, cuts) => {
        const whole = held(new AppendClock(), all);
        const ends = [...cuts.filter((at) => at < all.length), all.length].sort((a, b) => a - b);
        const pieces: number[] = [];
        for (const end of ends) {
          const restored = new AppendClock(pieces.at(-1));
          pieces.push(...held(restored, all.slice(pieces.length, end)));
        }
        expect(pieces).toEqual(whole);
        expect(whole).toEqual([...whole].sort((a, b) => a - b));
      }),
    );
  });
});
