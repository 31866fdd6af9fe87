import { expect, test } from 'vitest';
import { inlinePositions, savedPosition } from './sourcePosition.ts';

test('topic ids and append clocks travel in the state manifest; a source without records has no clock', () => {
  const inline = inlinePositions([
    { topic: 'a', topicId: 'x', partition: 1, nextOffset: 5, appendMs: 77 },
    { topic: 'b', topicId: 'y', partition: 0, nextOffset: 0, appendMs: Number.NEGATIVE_INFINITY },
  ]);
  const manifest = JSON.parse(JSON.stringify({ formatVersion: 2, segments: [], inline }));
  expect(savedPosition(manifest, { topic: 'a', partition: 1 })).toEqual({ topicId: 'x', appendMs: 77 });
  const nothing = Number.NEGATIVE_INFINITY;
  expect(savedPosition(manifest, { topic: 'b', partition: 0 })).toEqual({ topicId: 'y', appendMs: nothing });
  expect(savedPosition(undefined, { topic: 'a', partition: 1 })).toEqual({ topicId: null, appendMs: nothing });
});
