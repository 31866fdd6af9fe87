import { PEOPLE } from '../pages/people.ts';
import { expect, test } from '../test.ts';

test('somebody whose group means nothing here is told so, and gets nowhere', async ({ page, signIn }) => {
  await signIn.as(PEOPLE.visitor);
  await expect(page).toHaveURL(/\/no-role$/);
  await expect(page.getByRole('heading', { name: 'You have no role here yet' })).toBeVisible();
  await expect(page.getByText('Your groups: facilities.')).toBeVisible();
  for (const path of ['/live', '/pipeline', '/signin']) {
    await page.goto(path);
    await expect(page).toHaveURL(/\/no-role$/);
  }
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(signIn.notice).toHaveText('You are signed out.');
});
