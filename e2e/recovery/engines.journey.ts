import { PEOPLE } from '../pages/people.ts';
import { purchase, send, uniqueItem } from '../platform/events.ts';
import { pause, pauseWorker, resume } from '../platform/pause.ts';
import { expect, test } from '../test.ts';

/** The product's promise, and a poll of this test. */
const SHOWN_WITHIN_MS = 11_000;
const BACK_WITHIN_MS = 30_000;

// A journey that failed half-way must leave the platform to the others.
test.afterEach(resume);

test('a paused worker is told to everybody in the words of their role, events are taken in, and it passes by itself', async ({
  page,
  signIn,
  shell,
  pipeline,
  live,
  platform,
}) => {
  test.setTimeout(120_000);
  await signIn.as(PEOPLE.devops, '/pipeline');
  await expect(pipeline.heading).toBeAttached();
  await expect(pipeline.engines.root.getByRole('row', { name: /^Stream workers/ })).toContainText('up');
  await expect(shell.outages).toHaveCount(0);

  await pauseWorker(platform);
  await expect(shell.outage('workers')).toBeVisible({ timeout: SHOWN_WITHIN_MS });
  await expect(shell.outage('workers')).toContainText(/Stream workers do not answer\s*since \d\d:\d\d:\d\d/);
  await expect(shell.outage('workers')).toContainText('the log keeps them');
  await expect(pipeline.engines.root.getByRole('row', { name: /^Stream workers/ })).toContainText('down');
  await expect(shell.connection).toHaveAttribute('data-connection', 'delayed');
  expect(await send(platform, [purchase({ item_id: uniqueItem() })])).toMatchObject({ status: 202, accepted: 1 });

  await page.context().clearCookies();
  await signIn.as(PEOPLE.productManager);
  await expect(shell.outage('live')).toContainText('Live numbers stand still');
  await expect(shell.outage('live')).not.toContainText(/worker|log/);

  resume();
  await expect(shell.outages).toHaveCount(0, { timeout: BACK_WITHIN_MS });
  await expect(page.getByText('Live numbers move again')).toBeVisible();
  await expect(live.now.stamp).not.toHaveAttribute('data-stale', { timeout: BACK_WITHIN_MS });
  await expect(shell.connection).toHaveAttribute('data-connection', 'live');
  await expect(page.getByText('Live numbers move again')).toHaveCount(0, { timeout: BACK_WITHIN_MS });
});

test('when the database hangs, an open page says so within seconds, keeps its numbers, and goes on by itself', async ({
  page,
  signIn,
  shell,
  live,
  platform,
  watch,
}) => {
  test.setTimeout(120_000);
  watch.expect(/status of 503|net::ERR_ABORTED/);
  await signIn.as(PEOPLE.devops);
  await expect.poll(() => live.value('Active users')).toBeGreaterThan(0);
  await page.evaluate('window.keptPage = true');

  pause(platform.dataDir, 'postgres');
  await expect(shell.outage('database')).toBeVisible({ timeout: SHOWN_WITHIN_MS });
  expect(await live.value('Active users')).toBeGreaterThan(0);

  resume();
  await expect(shell.outages).toHaveCount(0, { timeout: BACK_WITHIN_MS });
  await expect(shell.connection).toHaveAttribute('data-connection', 'live', { timeout: BACK_WITHIN_MS });
  await expect(live.now.stamp).not.toHaveAttribute('data-stale', { timeout: BACK_WITHIN_MS });
  expect(await page.evaluate('window.keptPage')).toBe(true);
});
