import { expect, test } from 'vitest';
import { RestartPlan } from './restartPlan.ts';

/** When restarts happen while it is asked every 100 ms. */
function restarts(plan: RestartPlan, fromMs: number, untilMs: number): number[] {
  const at: number[] = [];
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += 100) if (plan.isDue(nowMs)) at.push(nowMs);
  return at;
}

test('the first restart is at once, then after waits that double up to ten seconds', () => {
  const at = restarts(new RestartPlan(), 0, 60_000);
  expect(at).toEqual([0, 1_000, 3_000, 7_000, 15_000, 25_000, 35_000, 45_000, 55_000]);
});

test('a task that fails again soon after a restart waits on', () => {
  const plan = new RestartPlan();
  restarts(plan, 0, 16_000);
  for (let nowMs = 16_000; nowMs < 20_000; nowMs += 100) plan.wentWell(nowMs);
  expect(restarts(plan, 20_000, 30_000)).toEqual([25_000]);
});

test('after a minute without a fault the next restart is at once, and the waits begin anew', () => {
  const plan = new RestartPlan();
  restarts(plan, 0, 20_000);
  plan.wentWell(100_000);
  plan.wentWell(160_000);
  expect(restarts(plan, 160_100, 165_000)).toEqual([160_100, 161_100, 163_100]);
});
