/** Virtual time. Everything asynchronous in a simulation is an entry here; ties go by order of entry. */
export class Scheduler {
  #heap: { readonly atMs: number; readonly order: number; readonly run: () => void }[] = [];
  #order = 0;
  nowMs: number;

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  at(atMs: number, run: () => void): void {
    const entry = { atMs: Math.max(atMs, this.nowMs), order: this.#order++, run };
    const heap = this.#heap;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const other = heap[parent];
      if (other === undefined || before(other, entry)) break;
      heap[i] = other;
      i = parent;
    }
    heap[i] = entry;
  }

  after(ms: number, run: () => void): void {
    this.at(this.nowMs + ms, run);
  }

  #pop(): (() => void) | null {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined) return null;
    if (heap.length > 0) {
      let i = 0;
      for (;;) {
        let child = i * 2 + 1;
        const left = heap[child];
        const right = heap[child + 1];
        if (left === undefined) break;
        if (right !== undefined && before(right, left)) child++;
        const next = heap[child];
        if (next === undefined || before(last, next)) break;
        heap[i] = next;
        i = child;
      }
      heap[i] = last;
    }
    this.nowMs = top.atMs;
    return top.run;
  }

  /** Runs entries in order until `until()` holds; each runs with all its consequences before the next. */
  async run(until: () => boolean): Promise<void> {
    while (!until()) {
      const next = this.#pop();
      if (next === null) throw new Error('the simulation ran dry: nothing is scheduled any more');
      next();
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
  }
}

function before(
  a: { readonly atMs: number; readonly order: number },
  b: { readonly atMs: number; readonly order: number },
): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
