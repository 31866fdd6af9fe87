import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entryOf, type RoutedTask, takeGroups } from './fetchGroup.ts';
import { FetchTask } from './fetchTask.ts';

const TOPIC_IDS = ['a', 'b'];
const anyTask = fc.record({
  topic: fc.integer({ min: 0, max: 1 }),
  partition: fc.integer({ min: 0, max: 3 }),
  fromOffset: fc.integer({ min: 0, max: 2 }),
  maxBytes: fc.integer({ min: 1, max: 1_000 }),
  gone: fc.boolean(),
});

function route({
  topic,
  partition,
  fromOffset,
  maxBytes,
  gone,
}: typeof anyTask extends fc.Arbitrary<infer T> ? T : never) {
  const controller = new AbortController();
  const { signal } = controller;
  const task = new FetchTask({ topic: `t${topic}`, partition, fromOffset, maxBytes, maxWaitMs: 0, signal });
  if (gone) controller.abort();
  return { task, topicId: TOPIC_IDS[topic] ?? '', leaderEpoch: 1 };
}

test('a request asks for each partition once and for the front of the queue; nothing is lost or passed by', () => {
  fc.assert(
    fc.property(fc.array(anyTask, { maxLength: 20 }), (tasks) => {
      const queue: RoutedTask[] = tasks.map(route);
      let left = queue.filter(({ task }) => !task.settled);
      while (queue.length > 0) {
        const groups = [...takeGroups(queue).values()];
        const places = groups.map(({ topicId, partition }) => `${topicId}/${partition}`);
        expect(new Set(places).size).toBe(places.length);
        const taken = new Set(groups.flatMap(({ members }) => members));
        for (const group of groups) {
          const asked = entryOf(group);
          for (const { task } of group.members) {
            expect(task).toMatchObject({ partition: asked.partition, offset: asked.offset });
            expect(asked.maxBytes).toBeGreaterThanOrEqual(task.maxBytes);
          }
        }
        if (left[0] !== undefined) expect(taken.has(left[0])).toBe(true);
        left = left.filter((routed) => !taken.has(routed));
        expect(queue).toEqual(left);
      }
      expect(left).toEqual([]);
    }),
  );
});
