import type { TopicDelta } from '@ebap/pipeline/contracts';
import { Server } from 'socket.io';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LiveRoom } from './room.ts';
import { Outlet } from './subscriber.ts';
import type { ChangedKeys, TopicSource } from './topicSource.ts';

const SPACING_MS = 250;
const NEWS: TopicDelta = { kind: 'series', asOfMs: 0, finalThroughMs: 0, points: [] };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A room whose source notes what it was asked; the first read is done. */
async function startRoom(stretch = 1): Promise<{ room: LiveRoom; reads: ChangedKeys[] }> {
  const reads: ChangedKeys[] = [];
  const source: TopicSource = {
    hotTopic: null,
    spacingMs: SPACING_MS,
    refresh: async (changed) => {
      reads.push(changed);
      return NEWS;
    },
    snapshot: () => ({ kind: 'feed', feed: { arrived: 0, shown: 0, events: [] } }),
  };
  const room = new LiveRoom({
    name: 'room',
    source,
    outlet: new Outlet(new Server(), () => undefined),
    nowMs: Date.now,
    stretch: () => stretch,
    onHealth: () => undefined,
  });
  await vi.advanceTimersByTimeAsync(0);
  return { room, reads };
}

it('reads once for all that changed within a quarter of a second', async () => {
  const { room, reads } = await startRoom();
  expect(reads).toEqual([null]);
  const keys = Array.from({ length: 100 }, (_, i) => `k${i}`);
  for (const key of keys) {
    room.changed(new Set([key]));
    await vi.advanceTimersByTimeAsync(2);
  }
  expect(reads).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(SPACING_MS);
  expect(reads.slice(1)).toEqual([new Set(keys)]);
  room.close();
});

it.each([
  [1, 40],
  [4, 10],
])(
  'never reads more often than its spacing, however often things change (stretched %i times)',
  async (stretch, most) => {
    const { room, reads } = await startRoom(stretch);
    for (let passedMs = 0; passedMs < 10_000; passedMs += 5) {
      room.changed(new Set(['k']));
      await vi.advanceTimersByTimeAsync(5);
    }
    expect(reads.length - 1).toBeGreaterThan(most - 3);
    expect(reads.length - 1).toBeLessThanOrEqual(most);
    room.close();
  },
);

it('reads a change after a quiet time at once, but for the moment in which more may come', async () => {
  const { room, reads } = await startRoom();
  await vi.advanceTimersByTimeAsync(60_000);
  room.changed(new Set(['a']));
  room.changed(new Set(['b']));
  await vi.advanceTimersByTimeAsync(15);
  expect(reads.slice(1)).toEqual([new Set(['a', 'b'])]);
  room.close();
});
