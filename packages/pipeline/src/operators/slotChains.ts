import { grown } from './growing.ts';

/** No node: the end of a chain. */
export const END = -1;

/**
 * A chain of nodes per slot in typed arrays, so that millions of them are nothing to the garbage collector. A node
 * is a number below `capacity`; what it holds lies in columns of the owner, sized by `capacity`. Removed nodes are
 * used again.
 */
export class SlotChains {
  /** First node + 1 of a slot; 0 = none. */
  #first = new Int32Array(0);
  /** The node's successor + 1. */
  #next = new Int32Array(64);
  /** First unused node + 1 of those that were removed. */
  #free = 0;
  #used = 0;
  #size = 0;

  /** Nodes in all chains. */
  get size(): number {
    return this.#size;
  }

  /** Nodes are below this. */
  get capacity(): number {
    return this.#next.length;
  }

  /** Slots with a chain are below this. */
  get slots(): number {
    return this.#first.length;
  }

  /** First node of the slot's chain or {@link END}. */
  first(slot: number): number {
    return (this.#first[slot] ?? 0) - 1;
  }

  /** The node behind, or {@link END}. */
  next(node: number): number {
    return (this.#next[node] as number) - 1;
  }

  /** A new node behind `previous`, or at the chain's head behind {@link END}. */
  insert(slot: number, previous: number): number {
    const node = this.#take();
    if (previous === END) {
      if (slot >= this.#first.length) this.#first = grown(this.#first, slot + 1);
      this.#next[node] = this.#first[slot] as number;
      this.#first[slot] = node + 1;
    } else {
      this.#next[node] = this.#next[previous] as number;
      this.#next[previous] = node + 1;
    }
    this.#size++;
    return node;
  }

  #take(): number {
    if (this.#free !== 0) {
      const node = this.#free - 1;
      this.#free = this.#next[node] as number;
      return node;
    }
    if (this.#used === this.#next.length) this.#next = grown(this.#next, this.#used + 1);
    return this.#used++;
  }

  /** Removes every node behind `previous`, or the whole chain behind {@link END}. */
  cut(slot: number, previous: number): void {
    let node = previous === END ? this.first(slot) : this.next(previous);
    if (node === END) return;
    if (previous === END) this.#first[slot] = 0;
    else this.#next[previous] = 0;
    while (node !== END) {
      const behind = this.next(node);
      this.#next[node] = this.#free;
      this.#free = node + 1;
      this.#size--;
      node = behind;
    }
  }
}
