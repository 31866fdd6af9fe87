import { GRAIN_MS } from '../contracts/dimensions.ts';
import { requireSection, type Section } from '../state/index.ts';
import { windowStartMs } from '../time/windows.ts';
import type { CellPane } from './cellPane.ts';
import { combination, platformMember, regionMember, regionPlatformMember, TOTAL, tierMember } from './memberIndex.ts';
import { PairTable, pairOf } from './pairTable.ts';
import { PaneSeries } from './paneSeries.ts';
import { TrailingUsers } from './trailingUsers.ts';

export const DISTINCT_GRAINS = ['1m', '5m', '1h'] as const;
export type DistinctGrain = (typeof DISTINCT_GRAINS)[number];

interface GrainState {
  readonly lengthMs: number;
  readonly counts: PaneSeries;
  readonly seen: Map<number, PairTable>;
}

/**
 * Exact distinct users per member in 1 m, 5 m and 1 h windows, and over the trailing five minutes. A pair table
 * per window holds (user, member) pairs; (user, finest combination) pairs end the work early for users that
 * were seen before in the same place.
 */
export class ActiveUsers {
  readonly #grains: readonly GrainState[];
  readonly trailing: TrailingUsers;

  constructor(grains?: readonly GrainState[], trailing?: TrailingUsers) {
    this.#grains =
      grains ??
      DISTINCT_GRAINS.map((g) => ({ lengthMs: GRAIN_MS[g], counts: new PaneSeries(1, GRAIN_MS[g]), seen: new Map() }));
    this.trailing = trailing ?? new TrailingUsers();
  }

  /** Counts the user once per window and member. `members` sizes new panes. */
  add(slot: number, timeMs: number, region: number, platform: number, tier: number, members: number): void {
    const combined = pairOf(slot, combination(region, platform, tier));
    for (let g = 0; g < this.#grains.length; g++) {
      const grain = this.#grains[g] as GrainState;
      const startMs = windowStartMs(timeMs, grain.lengthMs);
      let seen = grain.seen.get(startMs);
      if (seen === undefined) {
        seen = new PairTable(1024);
        grain.seen.set(startMs, seen);
      }
      // Seen in this window means seen in every longer one round it.
      if (!seen.add(combined)) return;
      const pane = grain.counts.at(timeMs, members);
      count(seen, pane, slot, TOTAL);
      count(seen, pane, slot, platformMember(platform));
      count(seen, pane, slot, tierMember(tier));
      count(seen, pane, slot, regionMember(region));
      count(seen, pane, slot, regionPlatformMember(region, platform));
      if (g === 0) this.trailing.see(slot, startMs, region, platform, tier);
    }
  }

  /** Visits changed windows of a grain, oldest first. */
  takeDirty(grain: number, visit: (startMs: number, pane: CellPane) => void): void {
    this.#grains[grain]?.counts.takeDirty(Number.POSITIVE_INFINITY, visit);
  }

  close(watermarkMs: number): void {
    for (const grain of this.#grains) {
      grain.counts.close(watermarkMs);
      for (const startMs of grain.seen.keys()) if (startMs + grain.lengthMs <= watermarkMs) grain.seen.delete(startMs);
    }
  }

  toSections(prefix: string): readonly Section[] {
    const sections: Section[] = this.#grains.flatMap((grain, g) => {
      const starts = [...grain.seen.keys()].sort((a, b) => a - b);
      return [
        grain.counts.toSection(`${prefix}/counts/${g}`),
        {
          name: `${prefix}/seen/${g}`,
          head: { starts },
          columns: starts.flatMap((s) => [...(grain.seen.get(s) ?? new PairTable()).toColumns()]),
        },
      ];
    });
    return [...sections, this.trailing.toSection(`${prefix}/trailing`)];
  }

  static fromSections(sections: ReadonlyMap<string, Section>, prefix: string): ActiveUsers {
    const grains = DISTINCT_GRAINS.map((name, g): GrainState => {
      const lengthMs = GRAIN_MS[name];
      const section = requireSection(sections, `${prefix}/seen/${g}`);
      const { starts } = section.head as { readonly starts: readonly number[] };
      return {
        lengthMs,
        counts: PaneSeries.fromSection(requireSection(sections, `${prefix}/counts/${g}`), 1, lengthMs),
        seen: new Map(starts.map((s, i) => [s, PairTable.fromSection(section, i * 2)])),
      };
    });
    return new ActiveUsers(grains, TrailingUsers.fromSection(requireSection(sections, `${prefix}/trailing`)));
  }
}

function count(seen: PairTable, pane: CellPane, slot: number, member: number): void {
  if (seen.add(pairOf(slot, member))) pane.add(member, 0, 1);
}
