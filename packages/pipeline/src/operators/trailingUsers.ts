import { type Section, u32 } from '../state/index.ts';
import { isNewMember, MEMBERS_PER_PLACE, memberOf } from './memberSets.ts';

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
  minute: number;
}

/**
 * Who was seen in the trailing minutes, by the append clock. A user's first place lies in arrays by slot, further
 * ones, which few users have, in a map beside them.
 */
export class TrailingUsers {
  /** Combination + 1; 0 = not seen. */
  #first = new Uint32Array(1024);
  #firstMinute = new Uint32Array(1024);
  #workspace = new Uint16Array(1024);
  #more = new Map<number, Visit[]>();
  #counts: TrailingCounts[] = [];
  /** Users with a visit in the minute; a later visit leaves a stale entry that expiry skips. */
  #byMinute = new Map<number, number[]>();
  #oldestMinute = 0;

  see(counts: TrailingCounts, slot: number, minuteStartMs: number, combination: number): void {
    const minute = minuteStartMs / MINUTE_MS;
    if (minute < this.#oldestMinute) return;
    if (slot >= this.#first.length) this.#grow(slot);
    const first = this.#first[slot] as number;
    if (first === 0) {
      this.#counts[counts.workspace] = counts;
      this.#first[slot] = combination + 1;
      this.#firstMinute[slot] = minute;
      this.#workspace[slot] = counts.workspace;
      for (let i = 0; i < MEMBERS_PER_PLACE; i++) counts.change(memberOf(combination, i), 1);
    } else if (first === combination + 1) {
      if ((this.#firstMinute[slot] as number) >= minute) return;
      this.#firstMinute[slot] = minute;
    } else if (!this.#seeElsewhere(counts, slot, minute, combination)) return;
    const bucket = this.#byMinute.get(minute);
    if (bucket === undefined) this.#byMinute.set(minute, [slot]);
    else bucket.push(slot);
  }

  /** A place beside the user's first one; false if nothing is new. */
  #seeElsewhere(counts: TrailingCounts, slot: number, minute: number, combination: number): boolean {
    const more = this.#more.get(slot) ?? [];
    const visit = more.find((v) => v.combination === combination);
    if (visit !== undefined) {
      if (visit.minute >= minute) return false;
      visit.minute = minute;
      return true;
    }
    const others = [(this.#first[slot] as number) - 1, ...more.map((v) => v.combination)];
    changeMembers(counts, combination, others, 1);
    more.push({ combination, minute });
    this.#more.set(slot, more);
    return true;
  }

  #grow(slot: number): void {
    const size = Math.max(this.#first.length * 2, slot + 1);
    const copy = <T extends Uint32Array | Uint16Array>(grown: T, old: T): T => {
      grown.set(old);
      return grown;
    };
    this.#first = copy(new Uint32Array(size), this.#first);
    this.#firstMinute = copy(new Uint32Array(size), this.#firstMinute);
    this.#workspace = copy(new Uint16Array(size), this.#workspace);
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
    const first = this.#first[slot] as number;
    if (first === 0) return [];
    return [{ combination: first - 1, minute: this.#firstMinute[slot] as number }, ...(this.#more.get(slot) ?? [])];
  }

  /** Takes out the user's visits that have left the window. */
  #forget(slot: number): void {
    const visits = this.#visits(slot);
    const counts = this.#counts[this.#workspace[slot] as number];
    if (counts === undefined) return;
    const kept = visits.filter((v) => v.minute >= this.#oldestMinute);
    const others = kept.map((v) => v.combination);
    for (const gone of visits) {
      if (gone.minute >= this.#oldestMinute) continue;
      changeMembers(counts, gone.combination, others, -1);
      others.push(gone.combination);
    }
    const [first, ...more] = kept;
    this.#first[slot] = first === undefined ? 0 : first.combination + 1;
    this.#firstMinute[slot] = first?.minute ?? 0;
    if (more.length === 0) this.#more.delete(slot);
    else this.#more.set(slot, more);
  }

  toSection(name: string): Section {
    const rows: number[] = [];
    for (let slot = 0; slot < this.#first.length; slot++)
      for (const v of this.#visits(slot)) rows.push(slot, this.#workspace[slot] as number, v.combination, v.minute);
    return { name, head: { oldestMinute: this.#oldestMinute }, columns: [Uint32Array.from(rows)] };
  }

  /** `countsOf` finds the counts of a workspace; they hold the saved users already. */
  static fromSection(section: Section, countsOf: (workspace: number) => TrailingCounts): TrailingUsers {
    const users = new TrailingUsers();
    const rows = u32(section, 0);
    for (let i = 0; i < rows.length; i += 4)
      users.#restore(rows[i] as number, rows[i + 1] as number, rows[i + 2] as number, rows[i + 3] as number);
    for (let i = 1; i < rows.length; i += 4) users.#counts[rows[i] as number] ??= countsOf(rows[i] as number);
    users.#oldestMinute = (section.head as { readonly oldestMinute: number }).oldestMinute;
    return users;
  }

  #restore(slot: number, workspace: number, combination: number, minute: number): void {
    if (slot >= this.#first.length) this.#grow(slot);
    if (this.#first[slot] === 0) {
      this.#first[slot] = combination + 1;
      this.#firstMinute[slot] = minute;
      this.#workspace[slot] = workspace;
    } else this.#more.set(slot, [...(this.#more.get(slot) ?? []), { combination, minute }]);
    const bucket = this.#byMinute.get(minute);
    if (bucket === undefined) this.#byMinute.set(minute, [slot]);
    else bucket.push(slot);
  }
}

/** Changes the counts of the combination's members that none of the other combinations has. */
function changeMembers(counts: TrailingCounts, combination: number, others: readonly number[], by: 1 | -1): void {
  for (let i = 0; i < MEMBERS_PER_PLACE; i++)
    if (isNewMember(combination, i, others)) counts.change(memberOf(combination, i), by);
}
