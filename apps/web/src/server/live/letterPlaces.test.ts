import { expect, it } from 'vitest';
import { LetterPlaces } from './letterPlaces.ts';

const place = (id: string, offset = 0) => ({ id, reason: 'invalid_id', firstSeenMs: 1, partition: 0, offset }) as const;

it('a workspace that fills its list pushes nothing out of another one', () => {
  const places = new LetterPlaces(2);
  places.add('quiet', place('theirs'));
  for (let i = 0; i < 100; i++) places.add('loud', place(`mine-${i}`));
  expect(places.of('quiet').map((one) => one.id)).toEqual(['theirs']);
  expect(places.of('loud').map((one) => one.id)).toEqual(['mine-98', 'mine-99']);
  expect(places.get('loud', 'theirs')).toBeNull();
});

it('a letter written again is the same letter at its later place', () => {
  const places = new LetterPlaces(2);
  expect(places.add('w', place('a', 1))).toBe(true);
  expect(places.add('w', place('a', 7))).toBe(false);
  expect(places.of('w').map((one) => one.offset)).toEqual([7]);
});
