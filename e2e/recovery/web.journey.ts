import { PEOPLE } from '../pages/people.ts';
import { servicePids } from '../platform/platform.ts';
import { expect, test } from '../test.ts';

test('when the web process is killed, the page keeps its numbers, says that it reconnects, and recovers', async ({
  page,
  signIn,
  shell,
  live,
  platform,
  watch,
}) => {
  test.setTimeout(90_000);
  watch.expect(/WebSocket connection to .* failed|ERR_CONNECTION_REFUSED|status of 50[0-9]/);
  await signIn.as(PEOPLE.devops);
  await expect.poll(() => live.value('Active users')).toBeGreaterThan(0);
  await page.evaluate('window.keptPage = true');
  const web = servicePids(platform.dataDir).get('web') ?? 0;
  expect(web).toBeGreaterThan(1);

  process.kill(web, 'SIGKILL');
  await expect(shell.connection).toHaveAttribute('data-connection', 'reconnecting');
  await expect(shell.connection).toContainText('data is kept');
  expect(await live.value('Active users')).toBeGreaterThan(0);

  await expect(shell.connection).toHaveAttribute('data-connection', 'live', { timeout: 40_000 });
  const first = await live.now.stamp.getAttribute('datetime');
  await expect(live.now.stamp).not.toHaveAttribute('datetime', first ?? '');
  await expect(live.now.stamp).not.toHaveAttribute('data-stale');
  expect(await page.evaluate('window.keptPage')).toBe(true);
});
