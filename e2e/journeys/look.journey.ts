import type { Page } from '@playwright/test';
import { accessibilityFaults, settled } from '../pages/accessibility.ts';
import { PEOPLE, type Person } from '../pages/people.ts';
import type { SignIn } from '../pages/signIn.ts';
import { expect, test } from '../test.ts';

const NARROWEST_PX = 360;

interface Place {
  readonly name: string;
  readonly person: Person | null;
  readonly path: string;
}

/** Every page there is, as somebody who sees all of it. */
const PLACES: readonly Place[] = [
  { name: 'sign-in', person: null, path: '/signin' },
  { name: 'Live', person: PEOPLE.dataAnalyst, path: '/live' },
  {
    name: 'Live with filters, as a table',
    person: PEOPLE.productManager,
    path: '/live?platform=ios&range=15m&table=platforms,now',
  },
  { name: 'a panel in full screen', person: PEOPLE.productManager, path: '/live?panel=orders' },
  { name: 'Pipeline', person: PEOPLE.dataAnalyst, path: '/pipeline' },
  { name: 'a page that is forbidden', person: PEOPLE.productManager, path: '/pipeline' },
  { name: 'no role', person: PEOPLE.visitor, path: '/no-role' },
  { name: 'no such page', person: PEOPLE.devops, path: '/nowhere' },
];

for (const place of PLACES) {
  test(`${place.name}: accessible in dark and light, wide and on a phone`, async ({ page, signIn, watch }) => {
    watch.expect(/status of 40[34]/);
    await open(page, signIn, place);
    await test.step('dark and wide', async () => {
      await settled(page);
      await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
      expect(await accessibilityFaults(page)).toEqual([]);
    });
    await test.step('light, and 360 px are enough', async () => {
      await page.setViewportSize({ width: NARROWEST_PX, height: 740 });
      await page.emulateMedia({ colorScheme: 'light' });
      await page.reload();
      await settled(page);
      await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(NARROWEST_PX);
      expect(await accessibilityFaults(page)).toEqual([]);
    });
  });
}

test('the theme follows the device until somebody chooses, and the choice is remembered', async ({
  page,
  context,
  signIn,
  shell,
}) => {
  await signIn.as(PEOPLE.devops);
  const root = page.locator('html');
  await expect(root).toHaveAttribute('data-theme', 'dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await expect(root).toHaveAttribute('data-theme', 'light');
  await shell.chooseTheme('Dark');
  await expect(root).toHaveAttribute('data-theme', 'dark');

  const other = await context.newPage();
  await other.emulateMedia({ colorScheme: 'light' });
  const answer = await other.goto('/pipeline');
  // Already in the first byte: nothing flashes.
  expect(await answer?.text()).toMatch(/<html[^>]*data-theme="dark"/);
  await expect(other.locator('html')).toHaveAttribute('data-theme', 'dark');

  await shell.chooseTheme('As the device');
  await expect(root).toHaveAttribute('data-theme', 'light');
});

async function open(page: Page, signIn: SignIn, { person, path }: Place): Promise<void> {
  if (person === null) await page.goto(path);
  else await signIn.as(person, path);
}
