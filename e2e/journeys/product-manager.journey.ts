import type { Page } from '@playwright/test';
import { LivePage } from '../pages/livePage.ts';
import { PEOPLE } from '../pages/people.ts';
import { expect, test } from '../test.ts';

/** The newest minute still grows while one looks from the chart to the table. */
const STEPS_BACK = 3;

test.beforeEach(async ({ signIn }) => signIn.as(PEOPLE.productManager));

test('a product manager narrows Live to a platform and a region, and hands the view on as a link', async ({
  page,
  context,
  live,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);

  await test.step('the filters are in the address, and the numbers get smaller', async () => {
    await expect.poll(() => live.value('Events per second')).toBeGreaterThan(0);
    const all = await live.value('Events per second');
    await live.choosePlatform('iOS');
    await expect(page).toHaveURL(/platform=ios/);
    await live.chooseRegion('eu-central-1');
    await expect(page).toHaveURL(/region=eu-central-1/);
    await expect.poll(() => live.value('Events per second')).toBeLessThan(all);
  });

  await test.step('cart abandonment is told with what it is made of', async () => {
    await expect(live.tile('Cart abandonment')).toHaveText(
      /of\s+[\d,]+\s+carts?, last hour|first carts due at \d\d:\d\d|none due in the last hour/,
    );
  });

  await test.step('a copied link opens the same view', async () => {
    await live.platforms.choose('Copy link');
    await expect(page.getByText('Link copied', { exact: true })).toBeVisible();
    const link: unknown = await page.evaluate('navigator.clipboard.readText()');
    const other = await context.newPage();
    await other.goto(String(link));
    const there = new LivePage(other);
    await expect(other).toHaveURL(/platform=ios.*region=eu-central-1/);
    await expect(there.platforms.root).toHaveAttribute('data-panel-focused');
    await expect(there.platforms.root.getByText('region eu-central-1')).toBeVisible();
    await other.keyboard.press('Escape');
    await expect(there.now.root.getByRole('radio', { name: 'iOS' })).toBeChecked();
    await other.close();
  });
});

test('a product manager reads the same figures in a chart and in its table', async ({ page, live }) => {
  await expect(live.platforms.root.locator('canvas')).toBeVisible();
  // An older minute changes only when a device tells late: then look again.
  await expect(async () => {
    await live.platforms.root.getByRole('slider').focus();
    for (let step = 0; step < STEPS_BACK; step++) await page.keyboard.press('ArrowLeft');
    const [time = '', ...values] = await chartReadout(live);
    await live.platforms.choose('Show as a table');
    await expect(page).toHaveURL(/table=platforms/);
    const row = (await live.platforms.rows()).find(([first]) => first?.endsWith(time.slice(0, 5)));
    await live.platforms.choose('Leave the table');
    expect(values.length).toBeGreaterThan(2);
    expect(row?.slice(1, -1)).toEqual(values);
  }).toPass({ timeout: 20_000 });

  await test.step('full screen and back', async () => {
    await live.platforms.choose('Full screen');
    await expect(page).toHaveURL(/panel=platforms/);
    const box = await live.platforms.root.boundingBox();
    expect(box?.height).toBeGreaterThan(600);
    await page.keyboard.press('Escape');
    await expect(page).not.toHaveURL(/panel=/);
  });
});

test('a product manager has neither raw events nor Pipeline', async ({ page, shell, live, watch }) => {
  watch.expect(/status of 403/);
  await expect(live.tile('Sales')).toBeVisible();
  await expect(live.feed.root).toHaveCount(0);
  expect(await shell.pages()).toEqual(['Live']);
  const answer = await page.goto('/pipeline');
  expect(answer?.status()).toBe(403);
  await expect(page.getByRole('heading', { name: 'Your role does not open this page' })).toBeVisible();
  await page.getByRole('link', { name: 'Open Live' }).click();
  await expect(live.heading).toBeAttached();
});

test('a product manager gets everywhere by keyboard', async ({ page, live }) => {
  await expect(live.tile('Sales')).toBeVisible();

  await test.step('the first stop skips to the content', async () => {
    await page.keyboard.press('Tab');
    await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/#main$/);
  });

  await test.step('the palette filters', async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('only android');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/platform=android/);
    await expect(page.getByRole('dialog')).toHaveCount(0);
  });

  await test.step('arrow keys move the platform and the chart’s cursor', async () => {
    await tabTo(page, live.now.root.getByRole('radio', { name: 'Android' }));
    await page.keyboard.press('ArrowLeft');
    await expect(live.now.root.getByRole('radio', { name: 'iOS' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/platform=ios/);
    const chart = live.platforms.root.getByRole('slider');
    await tabTo(page, live.platforms.root.getByRole('slider'));
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await expect(chart).toHaveAttribute('aria-valuetext', /\d\d:\d\d/);
    await expect(page.locator('[role="slider"]:focus-visible')).toHaveCount(1);
  });

  await test.step('a panel fills the screen and comes back', async () => {
    await live.platforms.root.getByRole('button', { name: /: menu$/ }).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('menuitem', { name: 'Full screen' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(live.platforms.root).toHaveAttribute('data-panel-focused');
    await expect(page.getByRole('menu')).toHaveCount(0);
    await page.keyboard.press('Escape');
    await expect(live.platforms.root).not.toHaveAttribute('data-panel-focused');
  });

  await test.step('Escape straight after opening it leaves it too', async () => {
    await live.platforms.root.getByRole('button', { name: /: menu$/ }).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('menuitem', { name: 'Full screen' })).toBeFocused();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    expect(new URL(page.url()).searchParams.get('panel')).toBeNull();
    await expect(live.platforms.root).not.toHaveAttribute('data-panel-focused');
  });
});

/** The values at the chart's cursor as its readout tells them: the time, then a value per series. */
async function chartReadout({ platforms }: LivePage): Promise<string[]> {
  const values = platforms.root.locator('[class*="readout"] b');
  return (await values.allTextContents()).map((text) => text.trim());
}

/** Presses Tab until the element has the focus, as a person would. */
async function tabTo(page: Page, target: ReturnType<Page['locator']>): Promise<void> {
  const isThere = () => target.evaluate((element) => element === element.ownerDocument.activeElement);
  for (let press = 0; press < 60 && !(await isThere()); press++) await page.keyboard.press('Tab');
  await expect(target).toBeFocused();
}
