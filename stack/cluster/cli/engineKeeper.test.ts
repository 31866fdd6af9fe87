import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Engine } from '../engines/engine.ts';
import { EngineKeeper } from './engineKeeper.ts';

let told: string[];
let endings: ((why: string) => void)[];
let starts: (() => Promise<void>)[];
let keeper: EngineKeeper;

/** An engine whose starts do what the test says, in turn. */
const ENGINE: Engine = {
  name: 'redis',
  title: 'Redis',
  logFile: '/logs/redis.log',
  needs: [],
  pid: 1,
  start: () => (starts.shift() ?? (() => Promise.resolve()))(),
  stop: () => Promise.resolve(),
  kill: () => Promise.resolve(),
  pause: () => {},
  resume: () => {},
  onUnexpectedEnd: (listener) => endings.push(listener),
};

beforeEach(() => {
  vi.useFakeTimers();
  [told, endings, starts] = [[], [], []];
  keeper = new EngineKeeper(
    (_, message) => told.push(message),
    () => told.push('recorded'),
  );
  keeper.keep(ENGINE);
});

afterEach(() => vi.useRealTimers());

const end = (why: string) => endings.forEach((listener) => void listener(why));

test('an engine that ends by itself starts again', async () => {
  end('signal SIGKILL');
  await vi.advanceTimersByTimeAsync(499);
  expect(told).toEqual(['ended (signal SIGKILL); starts again in 0.5 s. Log: /logs/redis.log']);
  await vi.advanceTimersByTimeAsync(1);
  expect(told.slice(1)).toEqual(['answers again', 'recorded']);
});

test('one that cannot start is tried again after longer and longer', async () => {
  const fail = () => Promise.reject(new Error('no memory\nits log'));
  starts = [fail, fail];
  end('exit code 1');
  await vi.advanceTimersByTimeAsync(500);
  expect(told.at(-1)).toBe('no memory; starts again in 1.0 s. Log: /logs/redis.log');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told.at(-1)).toBe('no memory; starts again in 2.0 s. Log: /logs/redis.log');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(told.at(-2)).toBe('answers again');
});

test('a keeper that was released starts nothing any more', async () => {
  end('exit code 1');
  keeper.release();
  end('exit code 1');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told.length).toBe(1);
});
