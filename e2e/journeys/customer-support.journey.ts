import { PEOPLE } from '../pages/people.ts';
import { expect, test } from '../test.ts';

test('customer support sees Live with its events, and no Pipeline', async ({ page, signIn, shell, live, watch }) => {
  watch.expect(/status of 403/);
  await signIn.as(PEOPLE.customerSupport);
  await expect.poll(() => live.value('Active users')).toBeGreaterThan(0);
  await expect(live.feed.rows.first()).toBeVisible();
  expect(await shell.pages()).toEqual(['Live']);
  const answer = await page.goto('/pipeline');
  expect(answer?.status()).toBe(403);
  await expect(page.getByRole('heading', { name: 'Your role does not open this page' })).toBeVisible();
});
