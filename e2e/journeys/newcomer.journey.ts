import { PEOPLE } from '../pages/people.ts';
import { purchase, send, uniqueItem } from '../platform/events.ts';
import { expect, test } from '../test.ts';

test('a newcomer sends the first event with the demo key and sees it where the sign-in has led', async ({
  page,
  signIn,
  live,
  platform,
}) => {
  const itemId = uniqueItem();
  await page.goto('/');
  await signIn.button.click();
  await signIn.choose(PEOPLE.admin);
  await live.feed.filterBy('Purchase');
  await live.feed.listens();
  await send(platform, [purchase({ item_id: itemId })]);
  await expect(live.feed.row(itemId)).toBeVisible();
});

test('a link that a newcomer was sent survives the sign-in', async ({ page, signIn, live }) => {
  await page.goto('/live?platform=ios&panel=platforms');
  await signIn.button.click();
  await signIn.choose(PEOPLE.productManager);
  await expect(page).toHaveURL(/\/live\?platform=ios&panel=platforms$/);
  await expect(live.platforms.root).toHaveAttribute('data-panel-focused');
});
