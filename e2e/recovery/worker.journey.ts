import { setTimeout as delay } from 'node:timers/promises';
import { parseNumber } from '../pages/numbers.ts';
import { PEOPLE } from '../pages/people.ts';
import { purchase, send, uniqueItem } from '../platform/events.ts';
import { pauseWorker } from '../platform/pause.ts';
import { servicePids } from '../platform/platform.ts';
import { expect, test } from '../test.ts';

const REGION = 'me-central-1';
const MILLION = 1_000_000;
/** Longer than the page waits before it calls numbers stale. */
const SILENCE_MS = 16_000;

let stoppedWorker: number | null = null;

test.afterEach(() => {
  // A journey that failed half-way must leave a worker to the others: the supervisor starts another one.
  if (stoppedWorker !== null) kill(stoppedWorker);
  stoppedWorker = null;
});

test('while the stream worker hangs and is killed, the page says how old its numbers are, and goes on by itself', async ({
  page,
  signIn,
  live,
  platform,
}) => {
  test.setTimeout(90_000);
  await signIn.as(PEOPLE.dataAnalyst, `/live?region=${REGION}`);
  await page.goto(`/live?region=${REGION}`);
  const sales = async () => parseNumber(await live.regions.cell(REGION, 'Sales, 60 min'));
  await expect.poll(sales).not.toBeNaN();
  const before = await sales();
  await send(platform, [paid(uniqueItem())]);
  await expect.poll(sales).toBeGreaterThanOrEqual(before + 0.95 * MILLION);
  await page.evaluate('window.keptPage = true');
  const worker = pidOf(platform.dataDir, 'worker');
  stoppedWorker = worker;

  await test.step('stopped: the numbers stay and are called stale', async () => {
    await pauseWorker(platform);
    await delay(SILENCE_MS);
    await expect(live.now.stamp).toHaveText(/^stale, \d+\ss ago$/);
    await expect(live.now.stamp).toHaveAttribute('data-stale', 'true');
    await expect(live.regions.stamp).toHaveAttribute('data-stale', 'true');
    expect(await live.value('Active users')).toBeGreaterThan(0);
  });

  await test.step('an event that is sent now is taken in', async () => {
    expect(await send(platform, [paid(uniqueItem())])).toMatchObject({ status: 202, accepted: 1 });
  });

  await test.step('killed and started again: everything is counted once, without a reload', async () => {
    kill(worker);
    await expect(live.now.stamp).not.toHaveAttribute('data-stale', { timeout: 30_000 });
    // Not by the feed: of a cut in which much arrived at once it shows the first few.
    await expect.poll(sales).toBeGreaterThanOrEqual(before + 1.95 * MILLION);
    expect(await sales()).toBeLessThan(before + 2.5 * MILLION);
    expect(pidOf(platform.dataDir, 'worker')).not.toBe(worker);
    expect(await page.evaluate('window.keptPage')).toBe(true);
  });
});

function paid(itemId: string) {
  return purchase({ amount: String(MILLION), item_id: itemId }, { location: REGION });
}

function pidOf(dataDir: string, service: string): number {
  const pid = servicePids(dataDir).get(service);
  if (pid === undefined) throw new Error(`No process of ${service} is recorded.`);
  return pid;
}

/** Ends the process at once, if it is still there. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
