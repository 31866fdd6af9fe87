import { expect, test } from 'vitest';
import { decideRestart, NO_RESTARTS } from './restartPolicy.ts';

function delaysAfter(livesMs: readonly number[]): number[] {
  let state = NO_RESTARTS;
  return livesMs.map((livedMs) => {
    const decision = decideRestart(state, livedMs);
    state = decision.state;
    return decision.delayMs;
  });
}

test('the delay doubles with each short life, up to 30 s', () => {
  expect(delaysAfter([0, 0, 0, 0, 0, 0, 0, 0])).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test('a minute of work makes up for what was before', () => {
  expect(delaysAfter([0, 0, 60_000, 0])).toEqual([500, 1_000, 500, 1_000]);
});

test('a life that got under way does not lengthen the delay', () => {
  expect(delaysAfter([8_000, 8_000, 0, 8_000, 8_000])).toEqual([500, 500, 1_000, 1_000, 1_000]);
});

test('five short lives in a row are a crash loop', () => {
  expect(decideRestart({ shortLives: 3 }, 10).crashLoop).toBe(false);
  expect(decideRestart({ shortLives: 4 }, 10).crashLoop).toBe(true);
});
