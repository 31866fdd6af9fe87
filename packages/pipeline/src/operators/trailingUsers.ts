import { type Section, u32 } from '../state/index.ts';
import { grown } from './growing.ts';
import { isNewMember, MEMBERS_PER_PLACE, memberOf } from './memberSets.ts';
import { END, SlotChains } from './slotChains.ts';

/** The trailing window: the minute of the cut and the four before it. */
export const TRAILING_MINUTES = 5;
const MINUTE_MS = 60_000;

/** One workspace's distinct users of the trailing minutes, by member. */
export class TrailingCounts {
  /** Number of the workspace within the partition. */
  readonly workspace: number;
  #counts = new Map<number, number>();
  #dirty = new Set<number>();

  constructor(workspace = 0) {
    this.workspace = workspace;
  }

  change(member: number, by: number): void {
    const count = (this.#counts.get(member) ?? 0) + by;
    if (count === 0) this.#counts.delete(member);
    else this.#counts.set(member, count);
    this.#dirty.add(member);
  }

  /** Members whose count changed since the last call, ascending, with their counts. */
  takeDirty(): readonly (readonly [member: number, users: number])[] {
    if (this.#dirty.size === 0) return [];
    const changed = [...this.#dirty].sort((a, b) => a - b).map((m) => [m, this.#counts.get(m) ?? 0] as const);
    this.#dirty.clear();
    return changed;
  }

  toJSON(): { readonly workspace: number; readonly counts: readonly (readonly [number, number])[] } {
    return { workspace: this.workspace, counts: [...this.#counts] };
  }

  static fromJSON(saved: ReturnType<TrailingCounts['toJSON']>): TrailingCounts {
    const counts = new TrailingCounts(saved.workspace);
    counts.#counts = new Map(saved.counts);
    return counts;
  }
}

/** Where and when a user was last seen. */
interface Visit {
  readonly combination: number;
  readonly minute: number;
}

/**
 * Who was seen in the trailing minutes, by the append clock. A user's visits, one per place, are chained; most users
 * have one.
 */
export class TrailingUsers {
  #chains = new SlotChains();
  #combinations = new Uint32Array(0);
  #minutes = new Uint32Array(0);
  /** Number of the slot's workspace. */
  #workspace = new Uint16Array(1024);
  #counts: TrailingCounts[] = [];
  /** Users with a visit in the minute; a later visit leaves a stale entry that expiry skips. */
  #byMinute = new Map<number, number[]>();
  #oldestMinute = 0;

  see(counts: TrailingCounts, slot: number, minuteStartMs: number, combination: number): void {
    const minute = minuteStartMs / MINUTE_MS;
    if (minute < this.#oldestMinute) return;
    const chains = this.#chains;
    for (let node = chains.first(slot); node !== END; node = chains.next(node)) {
      if (this.#combinations[node] !== combination) continue;
      if ((this.#minutes[node] as number) >= minute) return;
      this.#minutes[node] = minute;
      this.#expireIn(minute, slot);
      return;
    }
    this.#counts[counts.workspace] = counts;
    changeMembers(
      counts,
      combination,
      this.#visits(slot).map((v) => v.combination),
      1,
    );
    this.#insert(slot, counts.workspace, combination, minute);
    this.#expireIn(minute, slot);
  }

  #insert(slot: number, workspace: number, combination: number, minute: number): void {
    const node = this.#chains.insert(slot, END);
    if (node >= this.#combinations.length) {
      this.#combinations = grown(this.#combinations, this.#chains.capacity);
      this.#minutes = grown(this.#minutes, this.#chains.capacity);
    }
    if (slot >= this.#workspace.length) this.#workspace = grown(this.#workspace, slot + 1);
    this.#combinations[node] = combination;
    this.#minutes[node] = minute;
    this.#workspace[slot] = workspace;
  }

  #expireIn(minute: number, slot: number): void {
    const bucket = this.#byMinute.get(minute);
    if (bucket === undefined) this.#byMinute.set(minute, [slot]);
    else bucket.push(slot);
  }

  /** Moves the window's end to the minute of `appendTimeMs`. */
  advance(appendTimeMs: number): void {
    const oldest = Math.floor(appendTimeMs / MINUTE_MS) - TRAILING_MINUTES + 1;
    if (oldest <= this.#oldestMinute) return;
    this.#oldestMinute = oldest;
    for (const [minute, slots] of this.#byMinute) {
      if (minute >= oldest) continue;
      for (const slot of slots) this.#forget(slot);
      this.#byMinute.delete(minute);
    }
  }

  #visits(slot: number): readonly Visit[] {
    const first = this.#chains.first(slot);
    if (first === END) return NO_VISITS;
    const visits: Visit[] = [];
    for (let node = first; node !== END; node = this.#chains.next(node))
      visits.push({ combination: this.#combinations[node] as number, minute: this.#minutes[node] as number });
    return visits;
  }

  /** Takes out the user's visits that have left the window. */
  #forget(slot: number): void {
    const visits = this.#visits(slot);
    const workspace = this.#workspace[slot] as number;
    const counts = this.#counts[workspace];
    if (counts === undefined || visits.every((v) => v.minute >= this.#oldestMinute)) return;
    const kept = visits.filter((v) => v.minute >= this.#oldestMinute);
    const others = kept.map((v) => v.combination);
    for (const gone of visits) {
      if (gone.minute >= this.#oldestMinute) continue;
      changeMembers(counts, gone.combination, others, -1);
      others.push(gone.combination);
    }
    this.#chains.cut(slot, END);
    for (const { combination, minute } of kept) this.#insert(slot, workspace, combination, minute);
  }

  toSection(name: string): Section {
    const rows = new Uint32Array(this.#chains.size * ROW);
    let at = 0;
    for (let slot = 0; slot < this.#chains.slots; slot++)
      for (let node = this.#chains.first(slot); node !== END; node = this.#chains.next(node)) {
        rows[at++] = slot;
        rows[at++] = this.#workspace[slot] as number;
        rows[at++] = this.#combinations[node] as number;
        rows[at++] = this.#minutes[node] as number;
      }
    return { name, head: { oldestMinute: this.#oldestMinute }, columns: [rows] };
  }

  /** `countsOf` finds the counts of a workspace; they hold the saved users already. */
  static fromSection(section: Section, countsOf: (workspace: number) => TrailingCounts): TrailingUsers {
    const users = new TrailingUsers();
    const rows = u32(section, 0);
    for (let i = 0; i < rows.length; i += ROW) {
      const [slot = 0, workspace = 0, combination = 0, minute = 0] = rows.subarray(i, i + ROW);
      users.#insert(slot, workspace, combination, minute);
      users.#expireIn(minute, slot);
      users.#counts[workspace] ??= countsOf(workspace);
    }
    users.#oldestMinute = (section.head as { readonly oldestMinute: number }).oldestMinute;
    return users;
  }
}

/** Slot, workspace, combination, minute. */
const ROW = 4;
const NO_VISITS: readonly Visit[] = [];

/** Changes the counts of the combination's members that none of the other combinations has. */
function changeMembers(counts: TrailingCounts, combination: number, others: readonly number[], by: 1 | -1): void {
  for (let i = 0; i < MEMBERS_PER_PLACE; i++)
    if (isNewMember(combination, i, others)) counts.change(memberOf(combination, i), by);
}
