/** What waits for its time. */
export interface Timed {
  timeMs: number;
  /** Order among equal times, given by the queue. */
  order: number;
}

/** Binary heap by (time, order of arrival): equal times leave in the order they came. */
export class TimeQueue<T extends Timed> {
  readonly #items: T[] = [];
  #arrivals = 0;

  get size(): number {
    return this.#items.length;
  }

  /** Time of the next item, or infinity. */
  get nextMs(): number {
    return this.#items[0]?.timeMs ?? Number.POSITIVE_INFINITY;
  }

  push(item: T): void {
    item.order = this.#arrivals++;
    const items = this.#items;
    let at = items.length;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = items[parentAt];
      if (parent === undefined || isBefore(parent, item)) break;
      items[at] = parent;
      at = parentAt;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === undefined || items.length === 0) return first;
    this.#sink(last);
    return first;
  }

  #sink(item: T): void {
    const items = this.#items;
    let at = 0;
    for (;;) {
      const leftAt = 2 * at + 1;
      let child = items[leftAt];
      if (child === undefined) break;
      let childAt = leftAt;
      const right = items[leftAt + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        childAt = leftAt + 1;
      }
      if (isBefore(item, child)) break;
      items[at] = child;
      at = childAt;
    }
    items[at] = item;
  }
}

function isBefore(a: Timed, b: Timed): boolean {
  return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.order < b.order);
}
