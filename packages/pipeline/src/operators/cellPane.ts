import { f64, type Section, u32 } from '../state/index.ts';

/** Numbers per member of one window, with the members changed since the last cut. Values are integers. */
export class CellPane {
  readonly width: number;
  #values: Float64Array;
  #touched: Uint8Array;
  #dirty: number[] = [];

  constructor(width: number, members: number) {
    this.width = width;
    this.#values = new Float64Array(width * members);
    this.#touched = new Uint8Array(members);
  }

  /** Adds to one column of a member; negative takes back. */
  add(member: number, column: number, amount: number): void {
    if (member >= this.#touched.length) this.#grow(member);
    const at = member * this.width + column;
    this.#values[at] = (this.#values[at] as number) + amount;
    if (this.#touched[member] !== 2) this.#mark(member);
  }

  #mark(member: number): void {
    this.#touched[member] = 2;
    this.#dirty.push(member);
  }

  #grow(member: number): void {
    const members = Math.max(this.#touched.length * 2, member + 1);
    const values = new Float64Array(members * this.width);
    values.set(this.#values);
    const touched = new Uint8Array(members);
    touched.set(this.#touched);
    this.#values = values;
    this.#touched = touched;
  }

  get(member: number, column: number): number {
    return this.#values[member * this.width + column] ?? 0;
  }

  get isDirty(): boolean {
    return this.#dirty.length > 0;
  }

  /** Members changed since the last call, ascending. */
  takeDirty(): readonly number[] {
    const dirty = this.#dirty;
    if (dirty.length === 0) return dirty;
    this.#dirty = [];
    for (const member of dirty) this.#touched[member] = 1;
    return dirty.sort((a, b) => a - b);
  }

  /** All members that ever had a value count as changed. */
  markAllDirty(): void {
    for (let m = 0; m < this.#touched.length; m++) if (this.#touched[m] === 1) this.#mark(m);
  }

  /** Members and their values, as two columns. A snapshot is taken right after a cut: nothing is dirty. */
  toColumns(): readonly [Uint32Array, Float64Array] {
    const members: number[] = [];
    for (let m = 0; m < this.#touched.length; m++) if (this.#touched[m] !== 0) members.push(m);
    const values = new Float64Array(members.length * this.width);
    members.forEach((m, i) => {
      values.set(this.#values.subarray(m * this.width, (m + 1) * this.width), i * this.width);
    });
    return [Uint32Array.from(members), values];
  }

  static fromSection(section: Section, at: number, width: number): CellPane {
    const members = u32(section, at);
    const values = f64(section, at + 1);
    const pane = new CellPane(width, (members[members.length - 1] ?? 0) + 1);
    members.forEach((m, i) => {
      pane.#values.set(values.subarray(i * width, (i + 1) * width), m * width);
      pane.#touched[m] = 1;
    });
    return pane;
  }
}
