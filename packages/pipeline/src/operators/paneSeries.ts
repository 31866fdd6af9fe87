import type { Section } from '../state/index.ts';
import { windowStartMs } from '../time/windows.ts';
import { CellPane } from './cellPane.ts';

/** The open panes of one kind and length, by start. The newest used pane is found without a look-up. */
export class PaneSeries {
  readonly width: number;
  readonly lengthMs: number;
  #panes = new Map<number, CellPane>();
  #dirtyStarts = new Set<number>();
  #lastStartMs = Number.NaN;
  #last: CellPane | undefined;

  constructor(width: number, lengthMs: number) {
    this.width = width;
    this.lengthMs = lengthMs;
  }

  /** The pane that holds `timeMs`, about to be changed. */
  at(timeMs: number, members: number): CellPane {
    const startMs = windowStartMs(timeMs, this.lengthMs);
    if (startMs === this.#lastStartMs && this.#last !== undefined) return this.#last;
    let pane = this.#panes.get(startMs);
    if (pane === undefined) {
      pane = new CellPane(this.width, members);
      this.#panes.set(startMs, pane);
    }
    this.#dirtyStarts.add(startMs);
    this.#lastStartMs = startMs;
    this.#last = pane;
    return pane;
  }

  get(startMs: number): CellPane | undefined {
    return this.#panes.get(startMs);
  }

  /** Visits the panes changed since the last call whose start is ≤ `upToMs`, oldest first. */
  takeDirty(upToMs: number, visit: (startMs: number, pane: CellPane) => void): void {
    const starts = [...this.#dirtyStarts].filter((s) => s <= upToMs).sort((a, b) => a - b);
    for (const startMs of starts) {
      this.#dirtyStarts.delete(startMs);
      const pane = this.#panes.get(startMs);
      if (pane?.isDirty) visit(startMs, pane);
    }
    this.#lastStartMs = Number.NaN;
  }

  /** Drops panes that end at or before the watermark. */
  close(watermarkMs: number): void {
    for (const startMs of this.#panes.keys()) {
      if (startMs + this.lengthMs > watermarkMs) continue;
      this.#panes.delete(startMs);
      this.#dirtyStarts.delete(startMs);
    }
    this.#lastStartMs = Number.NaN;
  }

  get open(): number {
    return this.#panes.size;
  }

  toSection(name: string): Section {
    const starts = [...this.#panes.keys()].sort((a, b) => a - b);
    return {
      name,
      // Panes that start ahead of the append clock may still wait to be shown.
      head: { starts, dirty: [...this.#dirtyStarts].sort((a, b) => a - b) },
      columns: starts.flatMap((s) => [...(this.#panes.get(s) ?? new CellPane(this.width, 0)).toColumns()]),
    };
  }

  static fromSection(section: Section, width: number, lengthMs: number): PaneSeries {
    const series = new PaneSeries(width, lengthMs);
    const head = section.head as { readonly starts: readonly number[]; readonly dirty: readonly number[] };
    head.starts.forEach((startMs, i) => {
      series.#panes.set(startMs, CellPane.fromSection(section, i * 2, width));
    });
    for (const startMs of head.dirty) {
      series.#dirtyStarts.add(startMs);
      series.#panes.get(startMs)?.markAllDirty();
    }
    return series;
  }
}
