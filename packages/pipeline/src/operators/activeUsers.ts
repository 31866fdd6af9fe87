import { GRAIN_MS } from '../contracts/dimensions.ts';
import { requireSection, type Section } from '../state/index.ts';
import { windowStartMs } from '../time/windows.ts';
import type { CellPane } from './cellPane.ts';
import { combinationOf, isNewMember, MEMBERS_PER_PLACE, memberOf, type Place } from './memberSets.ts';
import { PaneSeries } from './paneSeries.ts';
import { TrailingCounts, TrailingUsers } from './trailingUsers.ts';
import { UserPlaces } from './userPlaces.ts';

export const DISTINCT_GRAINS = ['1m', '5m', '1h'] as const;
export type DistinctGrain = (typeof DISTINCT_GRAINS)[number];
const LENGTHS_MS = DISTINCT_GRAINS.map((grain) => GRAIN_MS[grain]);

/** A workspace's distinct users: counts per window and member, and over the trailing minutes. */
export class UserCounts {
  readonly windows: readonly PaneSeries[];
  readonly trailing: TrailingCounts;

  constructor(windows = LENGTHS_MS.map((ms) => new PaneSeries(1, ms)), trailing = new TrailingCounts()) {
    this.windows = windows;
    this.trailing = trailing;
  }

  /** Visits changed windows of a grain, oldest first. */
  takeDirty(grain: number, visit: (startMs: number, pane: CellPane) => void): void {
    this.windows[grain]?.takeDirty(Number.POSITIVE_INFINITY, visit);
  }

  close(watermarkMs: number): void {
    for (const windows of this.windows) windows.close(watermarkMs);
  }

  toSections(prefix: string): readonly Section[] {
    return [
      ...this.windows.map((w, g) => w.toSection(`${prefix}/${g}`)),
      { name: `${prefix}/trailing`, head: this.trailing.toJSON(), columns: [] },
    ];
  }

  static fromSections(sections: ReadonlyMap<string, Section>, prefix: string): UserCounts {
    const trailing = requireSection(sections, `${prefix}/trailing`).head as ReturnType<TrailingCounts['toJSON']>;
    return new UserCounts(
      LENGTHS_MS.map((ms, g) => PaneSeries.fromSection(requireSection(sections, `${prefix}/${g}`), 1, ms)),
      TrailingCounts.fromJSON(trailing),
    );
  }
}

/**
 * Who was seen where, exactly, in every open 1 m, 5 m and 1 h window of a partition and over the trailing minutes.
 * Slots belong to one workspace each, so one table serves all workspaces; counts are kept per workspace.
 */
export class ActiveUsers {
  #seen: readonly Map<number, UserPlaces>[] = LENGTHS_MS.map(() => new Map());
  #trailing = new TrailingUsers();

  /** Counts the user once per window and member. `slots` and `members` size what is new. */
  add(counts: UserCounts, slot: number, timeMs: number, place: Place, slots: number, members: number): void {
    const combination = combinationOf(place);
    for (let g = 0; g < LENGTHS_MS.length; g++) {
      const startMs = windowStartMs(timeMs, LENGTHS_MS[g] as number);
      const before = this.#window(g, startMs, slots).add(slot, combination);
      // Seen in this window means seen in every longer one round it.
      if (before === null) return;
      const pane = (counts.windows[g] as PaneSeries).at(timeMs, members);
      for (let i = 0; i < MEMBERS_PER_PLACE; i++)
        if (before.length === 0 || isNewMember(combination, i, before)) pane.add(memberOf(combination, i), 0, 1);
      if (g === 0) this.#trailing.see(counts.trailing, slot, startMs, combination);
    }
  }

  #window(grain: number, startMs: number, slots: number): UserPlaces {
    const windows = this.#seen[grain] as Map<number, UserPlaces>;
    let places = windows.get(startMs);
    if (places === undefined) {
      places = new UserPlaces(slots);
      windows.set(startMs, places);
    }
    return places;
  }

  /** Moves the trailing window's end to the minute of `appendTimeMs`. */
  advance(appendTimeMs: number): void {
    this.#trailing.advance(appendTimeMs);
  }

  close(watermarkMs: number): void {
    this.#seen.forEach((windows, g) => {
      for (const startMs of windows.keys())
        if (startMs + (LENGTHS_MS[g] as number) <= watermarkMs) windows.delete(startMs);
    });
  }

  toSections(): readonly Section[] {
    const windows = this.#seen.map((seen, g): Section => {
      const starts = [...seen.keys()].sort((a, b) => a - b);
      return {
        name: `seen/${g}`,
        head: { starts },
        columns: starts.flatMap((s) => [...(seen.get(s) ?? new UserPlaces(0)).toColumns()]),
      };
    });
    return [...windows, this.#trailing.toSection('trailing')];
  }

  /** `countsOf` finds the counts of the workspace that a slot belongs to. */
  static fromSections(
    sections: ReadonlyMap<string, Section>,
    countsOf: (workspace: number) => TrailingCounts,
  ): ActiveUsers {
    const users = new ActiveUsers();
    users.#seen = LENGTHS_MS.map((_, g) => {
      const section = requireSection(sections, `seen/${g}`);
      const { starts } = section.head as { readonly starts: readonly number[] };
      return new Map(starts.map((s, i) => [s, UserPlaces.fromSection(section, i * 2)]));
    });
    users.#trailing = TrailingUsers.fromSection(requireSection(sections, 'trailing'), countsOf);
    return users;
  }
}
