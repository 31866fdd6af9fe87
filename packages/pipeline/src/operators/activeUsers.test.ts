import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GRAIN_MS } from '../contracts/index.ts';
import { throughBytes } from '../testing/memorySnapshot.ts';
import { windowStartMs } from '../time/index.ts';
import { ActiveUsers, DISTINCT_GRAINS, memberCount, TRAILING_MINUTES, TrailingCounts, UserCounts } from './index.ts';
import { platformMember, regionMember, regionPlatformMember, TOTAL, tierMember } from './memberIndex.ts';

const MINUTE = 60_000;
const REGIONS = 3;
const MEMBERS = memberCount(REGIONS);

interface Seen {
  /** Users of different workspaces have different slots: even ones here, odd ones there. */
  readonly slot: number;
  readonly timeMs: number;
  readonly region: number;
  readonly platform: number;
  readonly tier: number;
}

function membersOf({ region, platform, tier }: Seen): readonly number[] {
  return [
    TOTAL,
    platformMember(platform),
    tierMember(tier),
    regionMember(region),
    regionPlatformMember(region, platform),
  ];
}

/** Users of one partition: shared tables, counts for two workspaces. */
class Partition {
  users = new ActiveUsers();
  counts = [0, 1].map((w) => new UserCounts(undefined, new TrailingCounts(w)));

  add(seen: Seen): void {
    const counts = this.counts[seen.slot % 2];
    if (counts !== undefined) this.users.add(counts, seen.slot, seen.timeMs, seen, 4, MEMBERS);
  }

  restore(): void {
    const sections = throughBytes([
      ...this.users.toSections(),
      ...this.counts.flatMap((c, w) => [...c.toSections(`w${w}`)]),
    ]);
    this.counts = [0, 1].map((w) => UserCounts.fromSections(sections, `w${w}`));
    this.users = ActiveUsers.fromSections(sections, (w) => this.counts[w]?.trailing ?? new TrailingCounts(w));
  }

  /** Changed windows as `grain/start/member` → users. */
  windows(workspace: number, into: Map<string, number>): void {
    DISTINCT_GRAINS.forEach((grain, g) => {
      this.counts[workspace]?.takeDirty(g, (startMs, pane) => {
        for (const m of pane.takeDirty()) into.set(`${grain}/${startMs}/${m}`, pane.get(m, 0));
      });
    });
  }

  trailing(workspace: number, into: Map<number, number>): void {
    for (const [member, users] of this.counts[workspace]?.trailing.takeDirty() ?? [])
      if (users === 0) into.delete(member);
      else into.set(member, users);
  }
}

function expectedWindows(all: readonly Seen[]): Map<string, number> {
  const sets = new Map<string, Set<number>>();
  for (const seen of all)
    for (const grain of DISTINCT_GRAINS)
      for (const m of membersOf(seen)) {
        const key = `${grain}/${windowStartMs(seen.timeMs, GRAIN_MS[grain])}/${m}`;
        sets.set(key, (sets.get(key) ?? new Set()).add(seen.slot));
      }
  return new Map([...sets].map(([key, users]) => [key, users.size]));
}

function expectedTrailing(all: readonly Seen[], appendMs: number): Map<number, number> {
  const oldestMs = windowStartMs(appendMs, MINUTE) - (TRAILING_MINUTES - 1) * MINUTE;
  const sets = new Map<number, Set<number>>();
  for (const seen of all)
    if (seen.timeMs >= oldestMs)
      for (const m of membersOf(seen)) sets.set(m, (sets.get(m) ?? new Set()).add(seen.slot));
  return new Map([...sets].map(([m, users]) => [m, users.size]));
}

const seen: fc.Arbitrary<Seen> = fc.record({
  slot: fc.oneof(fc.nat({ max: 5 }), fc.constantFrom(80, 81, 3_000)),
  timeMs: fc.nat({ max: 75 * MINUTE }),
  region: fc.nat({ max: REGIONS - 1 }),
  platform: fc.nat({ max: 1 }),
  tier: fc.nat({ max: 1 }),
});

describe('active users', () => {
  test('in every window and group are the sizes of plain sets, per workspace, restored at any time', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(seen, fc.integer({ min: 0, max: 9 }))), (steps) => {
        const partition = new Partition();
        const shown = [new Map<string, number>(), new Map<string, number>()];
        const cut = (): void => {
          for (const [w, into] of shown.entries()) partition.windows(w, into);
        };
        for (const [one, then] of steps) {
          partition.add(one);
          if (then === 0) {
            cut();
            partition.restore();
          } else if (then === 1) cut();
        }
        cut();
        for (const w of [0, 1])
          expect(shown[w]).toEqual(expectedWindows(steps.map(([s]) => s).filter((s) => s.slot % 2 === w)));
      }),
    );
  });

  test('of the trailing five minutes are the sizes of plain sets at every cut, restored at any time', () => {
    // Records as they come: the append clock goes on, events trail it by up to ten minutes or are ahead by five.
    const step = fc.record({
      one: seen,
      lagMs: fc.integer({ min: -5 * MINUTE, max: 10 * MINUTE }),
      onMs: fc.constantFrom(0, 0, 10_000, MINUTE, 7 * MINUTE),
      restore: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const partition = new Partition();
        const shown = [new Map<number, number>(), new Map<number, number>()];
        const all: Seen[] = [];
        let appendMs = 100 * MINUTE;
        for (const { one, lagMs, onMs, restore } of steps) {
          appendMs += onMs;
          const event = { ...one, timeMs: appendMs - lagMs };
          all.push(event);
          partition.add(event);
          partition.users.advance(appendMs);
          for (const w of [0, 1]) {
            partition.trailing(w, shown[w] ?? new Map());
            expect(shown[w]).toEqual(
              expectedTrailing(
                all.filter((s) => s.slot % 2 === w),
                appendMs,
              ),
            );
          }
          if (!restore) continue;
          for (const w of [0, 1]) partition.windows(w, new Map());
          partition.restore();
        }
      }),
    );
  });

  test('count a person with two platforms once in all and once on each', () => {
    const partition = new Partition();
    const one = { slot: 0, timeMs: 0, region: 1, platform: 0, tier: 0 };
    partition.add(one);
    partition.add({ ...one, platform: 1 });
    partition.add({ ...one, platform: 1, timeMs: 59_999 });
    const shown = new Map<string, number>();
    partition.windows(0, shown);
    expect(shown.get(`1m/0/${TOTAL}`)).toBe(1);
    expect(shown.get(`1m/0/${platformMember(0)}`)).toBe(1);
    expect(shown.get(`1m/0/${platformMember(1)}`)).toBe(1);
    expect(shown.get(`1m/0/${regionMember(1)}`)).toBe(1);
  });

  test('of windows behind the watermark are forgotten, of the hour round them are not', () => {
    const partition = new Partition();
    const one = { slot: 0, timeMs: 0, region: 1, platform: 0, tier: 0 };
    partition.add(one);
    partition.windows(0, new Map());
    partition.users.close(5 * MINUTE);
    for (const counts of partition.counts) counts.close(5 * MINUTE);
    expect(partition.counts[0]?.windows.map((w) => w.open)).toEqual([0, 0, 1]);
    partition.add({ ...one, timeMs: 5 * MINUTE });
    const shown = new Map<string, number>();
    partition.windows(0, shown);
    expect([...shown.keys()].some((key) => key.startsWith('1h/'))).toBe(false);
    expect(shown.get(`1m/${5 * MINUTE}/${TOTAL}`)).toBe(1);
  });
});
