import fc from 'fast-check';
import { expect, test } from 'vitest';
import { END, SlotChains } from './slotChains.ts';

const SLOTS = 3;

const action = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), slot: fc.nat({ max: SLOTS - 1 }), at: fc.nat({ max: 9 }) }),
  fc.record({ kind: fc.constant('cut' as const), slot: fc.nat({ max: SLOTS - 1 }), at: fc.nat({ max: 9 }) }),
);

function nodesOf(chains: SlotChains, slot: number): number[] {
  const nodes: number[] = [];
  for (let node = chains.first(slot); node !== END; node = chains.next(node)) nodes.push(node);
  return nodes;
}

test('chains hold what lists under the same insertions and cuts hold, and no node is in two of them', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const chains = new SlotChains();
      const lists: number[][] = Array.from({ length: SLOTS }, () => []);
      for (const { kind, slot, at } of actions) {
        const list = lists[slot] ?? [];
        const place = Math.min(at, list.length);
        const previous = list[place - 1] ?? END;
        if (kind === 'insert') list.splice(place, 0, chains.insert(slot, previous));
        else {
          chains.cut(slot, previous);
          list.length = place;
        }
      }
      lists.forEach((list, slot) => {
        expect(nodesOf(chains, slot)).toEqual(list);
      });
      const all = lists.flat();
      expect(new Set(all).size).toBe(all.length);
      expect(chains.size).toBe(all.length);
      expect(Math.max(END, ...all)).toBeLessThan(chains.capacity);
    }),
  );
});

test('removed nodes are used again: memory follows what is kept', () => {
  const chains = new SlotChains();
  for (let round = 0; round < 100; round++) {
    for (let n = 0; n < 60; n++) chains.insert(n % SLOTS, END);
    for (let slot = 0; slot < SLOTS; slot++) chains.cut(slot, END);
  }
  expect(chains.capacity).toBe(64);
  expect(chains.size).toBe(0);
});
