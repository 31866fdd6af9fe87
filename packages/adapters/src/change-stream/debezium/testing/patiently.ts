import { setTimeout as sleep } from 'node:timers/promises';

/** Engines that start, and members that leave a group, take their time. */
const PATIENCE_MS = 90_000;

/** Polls until the condition holds. `what` is asked when it does not. */
export async function patiently(condition: () => boolean | Promise<boolean>, what: () => string): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`waited in vain for ${what()}`);
    await sleep(50);
  }
}
