import { expect, test } from 'vitest';
import { Random } from '../sim/random.ts';
import { drawFaults, FAULTS } from './faults.ts';

const KINDS = Object.keys(FAULTS);

test('each kind of fault comes once before any comes again', () => {
  const drawn = drawFaults(KINDS, 2 * KINDS.length, new Random(1));
  expect(drawn.slice(0, KINDS.length).toSorted()).toEqual(KINDS.toSorted());
  expect(drawn.slice(KINDS.length).toSorted()).toEqual(KINDS.toSorted());
});

test('the same seed draws the same faults, another one others', () => {
  const drawn = (seed: number) => drawFaults(KINDS, 50, new Random(seed));
  expect(drawn(1)).toEqual(drawn(1));
  expect(drawn(1)).not.toEqual(drawn(2));
});

test('only the kinds that are asked for are drawn, as many as are asked for', () => {
  expect(drawFaults(['a'], 3, new Random(1))).toEqual(['a', 'a', 'a']);
  expect(drawFaults([], 3, new Random(1))).toEqual([]);
});
