import { f64, type Section, u32 } from '../../state/index.ts';

/** Columns of a window's cell, in the order of the hot store's text form. */
export const CELL_WIDTH = 8;
export const COLUMN = {
  view: 0,
  cart: 1,
  purchase: 2,
  login: 3,
  sales: 4,
  activeUsers: 5,
  cartsDue: 6,
  cartsAbandoned: 7,
} as const;

/** Sums over all source partitions for the open windows of one grain, and which of them changed. */
export class WindowTotals {
  readonly lengthMs: number;
  #windows = new Map<number, Map<number, Float64Array>>();
  #dirty = new Map<number, Set<number>>();

  constructor(lengthMs: number) {
    this.lengthMs = lengthMs;
  }

  /** Adds to the window that starts at `startMs`. */
  add(startMs: number, member: number, column: number, difference: number): void {
    let window = this.#windows.get(startMs);
    if (window === undefined) {
      window = new Map();
      this.#windows.set(startMs, window);
    }
    let cell = window.get(member);
    if (cell === undefined) {
      cell = new Float64Array(CELL_WIDTH);
      window.set(member, cell);
    }
    cell[column] = (cell[column] as number) + difference;
    const dirty = this.#dirty.get(startMs);
    if (dirty === undefined) this.#dirty.set(startMs, new Set([member]));
    else dirty.add(member);
  }

  /** Visits every cell that changed since the last call, oldest window first. */
  takeDirty(visit: (startMs: number, member: number, cell: Float64Array) => void): void {
    for (const startMs of [...this.#dirty.keys()].sort((a, b) => a - b))
      for (const member of this.#dirty.get(startMs) ?? []) {
        const cell = this.#windows.get(startMs)?.get(member);
        if (cell !== undefined) visit(startMs, member, cell);
      }
    this.#dirty.clear();
  }

  markAllDirty(): void {
    for (const [startMs, window] of this.#windows) this.#dirty.set(startMs, new Set(window.keys()));
  }

  /** Forgets windows that end at or before the time; what changed in them must have been taken before. */
  close(finalThroughMs: number): void {
    for (const startMs of this.#windows.keys())
      if (startMs + this.lengthMs <= finalThroughMs) this.#windows.delete(startMs);
  }

  toSection(name: string): Section {
    const starts = [...this.#windows.keys()].sort((a, b) => a - b);
    const columns = starts.flatMap((s) => {
      const window = this.#windows.get(s) ?? new Map<number, Float64Array>();
      const members = [...window.keys()].sort((a, b) => a - b);
      const values = new Float64Array(members.length * CELL_WIDTH);
      members.forEach((m, i) => {
        values.set(window.get(m) ?? [], i * CELL_WIDTH);
      });
      return [Uint32Array.from(members), values];
    });
    return { name, head: { starts }, columns };
  }

  static fromSection(section: Section, lengthMs: number): WindowTotals {
    const totals = new WindowTotals(lengthMs);
    (section.head as { readonly starts: readonly number[] }).starts.forEach((start, i) => {
      const values = f64(section, i * 2 + 1);
      const window = new Map<number, Float64Array>();
      u32(section, i * 2).forEach((m, k) => {
        window.set(m, values.slice(k * CELL_WIDTH, (k + 1) * CELL_WIDTH));
      });
      totals.#windows.set(start, window);
    });
    return totals;
  }
}
