import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { throughBytes } from '../testing/memorySnapshot.ts';
import { Profiles, UNKNOWN_TIER } from './index.ts';

const [FREE, SILVER, GOLD] = [0, 1, 2];
const DAY = 86_400_000;

function profiles(...versions: readonly (readonly [validFromMs: number, tier: number])[]): Profiles {
  const made = new Profiles();
  for (const [validFromMs, tier] of versions) made.put(0, validFromMs, tier);
  return made;
}

describe('a person’s tier', () => {
  const history = profiles([1_000, FREE], [2_000, SILVER], [3_000, GOLD]);
  test.each([
    ['before the first version is the first version’s', 5, FREE, 1_000],
    ['at a version’s start is that version’s', 2_000, SILVER, 2_000],
    ['up to the next version is the one before', 2_999, SILVER, 2_000],
    ['after the last version is the last one’s', 9e12, GOLD, 3_000],
  ])('%s', (_, timeMs, tier, versionMs) => {
    expect(history.tierAt(0, timeMs)).toBe(tier);
    expect(history.versionAt(0, timeMs)).toBe(versionMs);
  });

  test.each([0, 5, 100_000])('is unknown without a profile (slot %d)', (slot) => {
    expect(new Profiles().tierAt(slot, 1_000)).toBe(UNKNOWN_TIER);
    expect(new Profiles().versionAt(slot, 1_000)).toBeNull();
  });

  test('of a single version extends to the past', () => {
    expect(profiles([1_000, GOLD]).tierAt(0, 0)).toBe(GOLD);
    expect(profiles([1_000, GOLD]).versionAt(0, 0)).toBe(1_000);
  });

  test('is the last one told, where two versions begin at the same time', () => {
    expect(profiles([1_000, FREE], [1_000, GOLD]).tierAt(0, 1_000)).toBe(GOLD);
    expect(profiles([1_000, FREE], [2_000, SILVER], [1_000, GOLD]).tierAt(0, 1_500)).toBe(GOLD);
  });

  const versions = fc.uniqueArray(fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 4 })), {
    selector: ([ms]) => ms,
    maxLength: 8,
  });

  test('is that of a plain list of versions, in whatever order and however often they are told', () => {
    fc.assert(
      fc.property(
        versions.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
        ),
        fc.nat({ max: 25 }),
        ([all, told], timeMs) => {
          const sorted = [...all].sort(([a], [b]) => a - b);
          const valid = sorted.findLast(([ms]) => ms <= timeMs) ?? sorted[0];
          expect(profiles(...told).tierAt(0, timeMs)).toBe(valid?.[1] ?? UNKNOWN_TIER);
          expect(profiles(...told).versionAt(0, timeMs)).toBe(valid?.[0] ?? null);
        },
      ),
    );
  });

  test('is the same after a restore, for all slots', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 2_500 }), fc.nat({ max: 20 }), fc.nat({ max: 4 }))), (told) => {
        const made = new Profiles();
        for (const version of told) made.put(...version);
        const restored = Profiles.fromSections(throughBytes(made.toSections(2_501)));
        for (const [slot] of told)
          for (let timeMs = 0; timeMs <= 21; timeMs += 3) {
            expect(restored.tierAt(slot, timeMs)).toBe(made.tierAt(slot, timeMs));
            expect(restored.versionAt(slot, timeMs)).toBe(made.versionAt(slot, timeMs));
          }
      }),
    );
  });
});

describe('superseded versions', () => {
  test('are kept for a day behind the watermark and then forgotten', () => {
    const history = profiles([0, FREE], [DAY, SILVER], [2 * DAY, GOLD]);
    history.close(2 * DAY - 1);
    expect(history.tierAt(0, 5)).toBe(FREE);
    // Silver took over a day before this watermark: free is nobody's any more.
    history.close(2 * DAY);
    expect(history.tierAt(0, 5)).toBe(SILVER);
    history.close(3 * DAY);
    expect(history.tierAt(0, 5)).toBe(GOLD);
    expect(history.versionAt(0, 5)).toBe(2 * DAY);
  });

  test('that are kept answer as before for every time within the day', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 5 * 24 }), fc.nat({ max: 4 })), { minLength: 1 }),
        fc.nat({ max: 6 * 24 }),
        (told, hour) => {
          const inMs = told.map(([h, tier]) => [h * 3_600_000, tier] as const);
          const closed = profiles(...inMs);
          closed.close(hour * 3_600_000);
          const whole = profiles(...inMs);
          for (let h = hour - 23.5; h < 7 * 24; h += 0.5)
            expect(closed.tierAt(0, h * 3_600_000)).toBe(whole.tierAt(0, h * 3_600_000));
        },
      ),
    );
  });
});
