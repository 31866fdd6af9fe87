import { f64, type Section, u32 } from '../state/index.ts';
import { platformMember, regionMember, regionPlatformMember, TOTAL, tierMember } from './memberIndex.ts';
import { memberOf, PairTable, pairOf } from './pairTable.ts';

/** The trailing window: the minute of the cut and the four before it. */
export const TRAILING_MINUTES = 5;
const MINUTE_MS = 60_000;

/** Distinct users per member whose newest event is at most {@link TRAILING_MINUTES} old, by the append clock. */
export class TrailingUsers {
  #lastMinute = new PairTable(1024);
  #byMinute = new Map<number, number[]>();
  #counts = new Map<number, number>();
  #dirty = new Set<number>();
  #oldestMinute = 0;

  see(slot: number, minuteStartMs: number, region: number, platform: number, tier: number): void {
    const minute = minuteStartMs / MINUTE_MS;
    if (minute < this.#oldestMinute) return;
    this.#see(pairOf(slot, TOTAL), minute);
    this.#see(pairOf(slot, platformMember(platform)), minute);
    this.#see(pairOf(slot, tierMember(tier)), minute);
    this.#see(pairOf(slot, regionMember(region)), minute);
    this.#see(pairOf(slot, regionPlatformMember(region, platform)), minute);
  }

  #see(pair: number, minute: number): void {
    const last = this.#lastMinute.get(pair);
    if (last !== undefined && last >= minute) return;
    if (last === undefined) this.#change(memberOf(pair), 1);
    this.#lastMinute.set(pair, minute);
    const bucket = this.#byMinute.get(minute);
    if (bucket === undefined) this.#byMinute.set(minute, [pair]);
    else bucket.push(pair);
  }

  #change(member: number, by: number): void {
    this.#counts.set(member, (this.#counts.get(member) ?? 0) + by);
    this.#dirty.add(member);
  }

  /** Moves the window's end to the minute of `appendTimeMs`. */
  advance(appendTimeMs: number): void {
    const oldest = Math.floor(appendTimeMs / MINUTE_MS) - TRAILING_MINUTES + 1;
    if (oldest <= this.#oldestMinute) return;
    this.#oldestMinute = oldest;
    for (const [minute, pairs] of this.#byMinute) {
      if (minute >= oldest) continue;
      for (const pair of pairs) {
        if (this.#lastMinute.get(pair) !== minute) continue;
        this.#lastMinute.delete(pair);
        this.#change(memberOf(pair), -1);
      }
      this.#byMinute.delete(minute);
    }
  }

  /** Members whose count changed since the last call, ascending, with their counts. */
  takeDirty(): readonly (readonly [member: number, users: number])[] {
    if (this.#dirty.size === 0) return [];
    const changed = [...this.#dirty].sort((a, b) => a - b).map((m) => [m, this.#counts.get(m) ?? 0] as const);
    this.#dirty.clear();
    for (const [member, users] of changed) if (users === 0) this.#counts.delete(member);
    return changed;
  }

  toSection(name: string): Section {
    return { name, head: { oldestMinute: this.#oldestMinute }, columns: this.#lastMinute.toColumns() };
  }

  static fromSection(section: Section): TrailingUsers {
    const users = new TrailingUsers();
    const pairs = f64(section, 0);
    const minutes = u32(section, 1);
    pairs.forEach((pair, i) => {
      users.#see(pair, minutes[i] as number);
    });
    users.#dirty.clear();
    users.#oldestMinute = (section.head as { readonly oldestMinute: number }).oldestMinute;
    return users;
  }
}
