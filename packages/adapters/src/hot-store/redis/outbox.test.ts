import { setImmediate as turn } from 'node:timers/promises';
import type { HotChange } from '@ebap/pipeline/ports';
import { expect, test } from 'vitest';
import { Outbox } from './outbox.ts';

function made(prefix = '') {
  const seen: HotChange[] = [];
  const outbox = new Outbox(prefix, (change) => seen.push(change));
  return { seen, outbox };
}

test('what comes in one turn is told once per topic, with all keys and the newest sequence', async () => {
  const { seen, outbox } = made('w/');
  outbox.put({ topic: 'w/a', sequence: 1, keys: ['x'] });
  outbox.put({ topic: 'w/a', sequence: 2, keys: ['y', 'x'] });
  outbox.put({ topic: 'w/b', sequence: 9, keys: null });
  outbox.put({ topic: 'other', sequence: 1, keys: ['z'] });
  await turn();
  expect(seen).toEqual([
    { topic: 'w/a', sequence: 2, keys: ['x', 'y'] },
    { topic: 'w/b', sequence: 9, keys: null },
  ]);
});

test('a gap is not forgotten over later keys, and too many keys become one', async () => {
  const { seen, outbox } = made();
  outbox.put({ topic: 'a', sequence: 1, keys: null });
  outbox.put({ topic: 'a', sequence: 2, keys: ['x'] });
  outbox.put({ topic: 'b', sequence: 1, keys: Array.from({ length: 5_000 }, (_, i) => `${i}`) });
  await turn();
  expect(seen.map(({ keys }) => keys)).toEqual([null, null]);
});

test('nothing is told after closing', async () => {
  const { seen, outbox } = made();
  outbox.put({ topic: 'a', sequence: 1, keys: [] });
  outbox.close();
  await turn();
  expect(seen).toEqual([]);
});
