import { setTimeout as nodeSleep } from 'node:timers/promises';
import { isAppError } from '@ebap/pipeline/errors';
import { describe, expect, test } from 'vitest';
import { systemClock } from './index.ts';

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'resolved';
  } catch (error) {
    return isAppError(error) ? error.code : 'other';
  }
}

describe('systemClock', () => {
  test('tells the time of the machine', () => {
    const before = Date.now();
    const now = systemClock.nowMs();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  test('sleeps for as long as it was asked to', async () => {
    const start = performance.now();
    await systemClock.sleep(30);
    expect(performance.now() - start).toBeGreaterThanOrEqual(28);
  });

  test('a negative sleep is over at once', async () => {
    expect(await codeOf(systemClock.sleep(-5))).toBe('resolved');
  });

  test('an abort ends a sleep with `cancelled`', async () => {
    const controller = new AbortController();
    const sleep = codeOf(systemClock.sleep(60_000, controller.signal));
    await nodeSleep(5);
    controller.abort();
    expect(await sleep).toBe('cancelled');
  });

  test('a sleep under an aborted signal does not start', async () => {
    expect(await codeOf(systemClock.sleep(60_000, AbortSignal.abort()))).toBe('cancelled');
  });

  test('a sleep beyond the longest timer does not return early', async () => {
    const controller = new AbortController();
    const sleep = codeOf(systemClock.sleep(2 ** 33, controller.signal));
    await nodeSleep(20);
    controller.abort();
    expect(await sleep).toBe('cancelled');
  });
});
