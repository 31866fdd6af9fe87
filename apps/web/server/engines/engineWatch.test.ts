import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Observation } from './engineState.ts';
import { EngineWatch } from './engineWatch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A watch over one engine whose looks are answered by `look`; changes are collected. */
function watchOf(look: (signal: AbortSignal) => Promise<Observation>) {
  const changes: string[] = [];
  const watch = new EngineWatch({
    engines: [{ engine: 'event_log', label: 'Kafka', look }],
    nowMs: Date.now,
    onChange: ({ state }) => changes.push(state),
  });
  watch.start();
  return { watch, changes };
}

it('an engine that refuses is told within 10 s less a page’s own round, and back at the next look', async () => {
  let isAway = false;
  const { watch, changes } = watchOf(async () => {
    if (isAway) throw new Error('It refuses connections.');
    return { kind: 'up' };
  });
  await vi.advanceTimersByTimeAsync(5_000);
  isAway = true;
  await vi.advanceTimersByTimeAsync(6_500);
  expect(watch.statuses()).toMatchObject([{ state: 'down', message: 'It refuses connections.' }]);
  isAway = false;
  await vi.advanceTimersByTimeAsync(600);
  expect(changes).toEqual(['down', 'up']);
  watch.stop();
});

it('an engine that hangs is told too, is not asked without end, and is back when a look of before is answered', async () => {
  const answers: ((seen: Observation) => void)[] = [];
  let hangs = false;
  const { watch, changes } = watchOf(() =>
    hangs ? new Promise((resolve) => answers.push(resolve)) : Promise.resolve({ kind: 'up' }),
  );
  await vi.advanceTimersByTimeAsync(5_000);
  hangs = true;
  await vi.advanceTimersByTimeAsync(6_500);
  expect(watch.statuses()).toMatchObject([{ state: 'down', message: 'No answer within 2 s.' }]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(answers).toHaveLength(3);
  hangs = false;
  answers[0]?.({ kind: 'up' });
  await vi.advanceTimersByTimeAsync(0);
  expect(changes).toEqual(['down', 'up']);
  watch.stop();
});

it('one slow look is no outage', async () => {
  let looks = 0;
  const { watch, changes } = watchOf(async () => {
    if (++looks === 3) await new Promise((resolve) => setTimeout(resolve, 2_300));
    return { kind: 'up' };
  });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(changes).toEqual([]);
  watch.stop();
});

it('a watch that was stopped asks no more', async () => {
  const look = vi.fn(async () => ({ kind: 'up' }) as const);
  const { watch } = watchOf(look);
  await vi.advanceTimersByTimeAsync(10);
  watch.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(look).toHaveBeenCalledTimes(1);
});
