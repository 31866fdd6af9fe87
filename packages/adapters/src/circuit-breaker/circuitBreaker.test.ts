import { AppError } from '@ebap/pipeline/errors';
import { beforeEach, expect, test } from 'vitest';
import { type BreakerTimers, CircuitBreaker } from './circuitBreaker.ts';

/** Time that moves when it is told to. */
class VirtualTime implements BreakerTimers {
  #nowMs = 0;
  readonly #waiting = new Map<object, { readonly atMs: number; readonly callback: () => void }>();
  readonly nowMs = (): number => this.#nowMs;
  readonly after = (delayMs: number, callback: () => void): (() => void) => {
    const name = {};
    this.#waiting.set(name, { atMs: this.#nowMs + delayMs, callback });
    return () => this.#waiting.delete(name);
  };

  get pending(): number {
    return this.#waiting.size;
  }

  async pass(spanMs: number): Promise<void> {
    this.#nowMs += spanMs;
    for (const [name, { atMs, callback }] of this.#waiting)
      if (atMs <= this.#nowMs) {
        this.#waiting.delete(name);
        callback();
      }
    await Promise.resolve();
  }
}

let time: VirtualTime;
let breaker: CircuitBreaker;
let changes: boolean[];
beforeEach(() => {
  time = new VirtualTime();
  changes = [];
  breaker = new CircuitBreaker({
    name: 'Kafka',
    faultsToOpen: 2,
    hangMs: 3_000,
    openMs: 1_000,
    timers: time,
    onChange: (isOpen) => changes.push(isOpen),
  });
});

const away = () => Promise.reject(new AppError('unavailable', 'the broker is away', { retryable: true }));
const ok = () => Promise.resolve('ok');

test('faults pass through until they are enough; then calls are refused without being made', async () => {
  for (let i = 0; i < 2; i++) await expect(breaker.run(away)).rejects.toThrow('the broker is away');
  let calls = 0;
  const counted = async () => ++calls;
  await expect(breaker.run(counted)).rejects.toMatchObject({
    ...{ code: 'unavailable', retryable: true, message: 'Kafka is away.', context: { retryAfterMs: 1_000 } },
  });
  expect(calls).toBe(0);
  await time.pass(1_000);
  expect(await breaker.run(counted)).toBe(1);
  expect(changes).toEqual([true, false]);
});

test('answers that are no outage leave it closed, however many', async () => {
  const refused = () => Promise.reject(new AppError('too_large', 'over the limit'));
  for (let i = 0; i < 9; i++) await expect(breaker.run(refused)).rejects.toMatchObject({ code: 'too_large' });
  expect(breaker.isOpen).toBe(false);
});

test('a call that hangs is given up; when it is answered after all, calls go out again', async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const hanging = breaker.run(() => promise);
  hanging.catch(() => undefined);
  await time.pass(3_000);
  await expect(hanging).rejects.toMatchObject({ message: 'Kafka did not answer in time.' });
  await expect(breaker.run(ok)).rejects.toMatchObject({ code: 'unavailable' });
  resolve('late');
  await promise;
  await Promise.resolve();
  expect(await breaker.run(ok)).toBe('ok');
  expect(time.pending).toBe(0);
});

test('one probe at a time: while it is out, others are refused', async () => {
  for (let i = 0; i < 2; i++) await expect(breaker.run(away)).rejects.toThrow();
  await time.pass(1_000);
  const { promise, resolve } = Promise.withResolvers<string>();
  const probe = breaker.run(() => promise);
  await expect(breaker.run(ok)).rejects.toMatchObject({ code: 'unavailable' });
  resolve('back');
  expect(await probe).toBe('back');
  expect(await breaker.run(ok)).toBe('ok');
});

test('a call that throws at once counts like one that rejects, and leaves no timer', async () => {
  const broken = () => {
    throw new AppError('unavailable', 'closed');
  };
  for (let i = 0; i < 2; i++) await expect(breaker.run(broken)).rejects.toThrow('closed');
  expect(breaker.isOpen).toBe(true);
  expect(time.pending).toBe(0);
});
