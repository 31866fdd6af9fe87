import { f64, type Section, u32 } from '../../state/index.ts';

/**
 * The newest absolute values per (pane, member, source partition). Taking in a value yields its difference to the
 * one before: sums over partitions then change by differences, and a repeated value changes nothing.
 */
export class SourcePanes {
  readonly width: number;
  readonly #sources: number;
  #panes = new Map<number, Map<number, Float64Array>>();

  constructor(width: number, sources: number) {
    this.width = width;
    this.#sources = sources;
  }

  /** Replaces one value; returns new − old. */
  put(startMs: number, member: number, source: number, column: number, value: number): number {
    let pane = this.#panes.get(startMs);
    if (pane === undefined) {
      pane = new Map();
      this.#panes.set(startMs, pane);
    }
    let values = pane.get(member);
    if (values === undefined) {
      values = new Float64Array(this.width * this.#sources);
      pane.set(member, values);
    }
    const at = source * this.width + column;
    const difference = value - (values[at] as number);
    values[at] = value;
    return difference;
  }

  /** Forgets panes that start before `startMs`. */
  dropBefore(startMs: number): void {
    for (const start of this.#panes.keys()) if (start < startMs) this.#panes.delete(start);
  }

  toSection(name: string): Section {
    const starts = [...this.#panes.keys()].sort((a, b) => a - b);
    const columns = starts.flatMap((s) => {
      const pane = this.#panes.get(s) ?? new Map<number, Float64Array>();
      const members = [...pane.keys()].sort((a, b) => a - b);
      const size = this.width * this.#sources;
      const values = new Float64Array(members.length * size);
      members.forEach((m, i) => {
        values.set(pane.get(m) ?? [], i * size);
      });
      return [Uint32Array.from(members), values];
    });
    return { name, head: { starts }, columns };
  }

  static fromSection(section: Section, width: number, sources: number): SourcePanes {
    const panes = new SourcePanes(width, sources);
    const size = width * sources;
    (section.head as { readonly starts: readonly number[] }).starts.forEach((start, i) => {
      const values = f64(section, i * 2 + 1);
      const pane = new Map<number, Float64Array>();
      u32(section, i * 2).forEach((m, k) => {
        pane.set(m, values.slice(k * size, (k + 1) * size));
      });
      panes.#panes.set(start, pane);
    });
    return panes;
  }
}
