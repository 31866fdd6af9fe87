import { parseNumber } from '../pages/numbers.ts';
import { PEOPLE } from '../pages/people.ts';
import { purchase, send, uniqueItem } from '../platform/events.ts';
import { expect, test } from '../test.ts';

/** A corner of the platform with little traffic, so that one event stands out. */
const REGION = 'af-south-1';
const QUIET_CORNER = `/live?region=${REGION}&platform=pos`;
const MILLION = 1_000_000;
const COPIES = 200;
const SCRIPT = '<img src=x onerror=alert(1)>';

test('a data analyst reads the event feed: filters, pauses, opens an event in place', async ({
  page,
  signIn,
  live,
}) => {
  await signIn.as(PEOPLE.dataAnalyst);
  await live.feed.listens();

  await test.step('a filter is in the address and holds for every row', async () => {
    await live.feed.filterBy('View');
    await expect(page).toHaveURL(/actions=view/);
    await expect(async () => {
      const texts = await live.feed.rows.allTextContents();
      expect(texts.length).toBeGreaterThan(0);
      expect(texts.filter((text) => !text.includes('View'))).toEqual([]);
    }).toPass();
    await live.feed.root.getByRole('button', { name: 'Remove filter action' }).click();
  });

  await test.step('paused, nothing moves and what waits is counted', async () => {
    await live.feed.root.getByRole('button', { name: 'Pause' }).click();
    const before = await live.feed.rows.first().getAttribute('data-event');
    await expect(live.feed.root.getByRole('button', { name: /newer, show/ })).toBeVisible();
    expect(await live.feed.rows.first().getAttribute('data-event')).toBe(before);
    await live.feed.root.getByRole('button', { name: 'Resume' }).click();
    await expect(live.feed.rows.first()).not.toHaveAttribute('data-event', before ?? '');
  });

  await test.step('an event opens where it stands, with a pseudonym for the person', async () => {
    const row = live.feed.rows.first();
    await row.getByRole('button').click();
    const open = live.feed.rows.filter({ has: page.locator('dl') });
    await expect(live.feed.detail(open, 'offset')).toHaveText(/^\d+\/[\d,]+$/);
    await expect(live.feed.detail(open, 'user')).not.toHaveText(/^user|@/);
  });
});

test('a data analyst sends one event and sees exactly this event and its number; copies change nothing', async ({
  signIn,
  shell,
  live,
  pipeline,
  platform,
}) => {
  await signIn.as(PEOPLE.dataAnalyst, QUIET_CORNER);
  await live.feed.listens();
  const sales = async () => parseNumber(await live.regions.cell(REGION, 'Sales, 60 min'));
  await expect.poll(sales).not.toBeNaN();
  const salesBefore = await sales();
  const users = async () => (await live.value('Active users')) || 0;
  const usersBefore = await users();
  const itemId = uniqueItem();
  const event = purchase({ amount: String(MILLION), platform: 'pos', item_id: itemId }, { location: REGION });

  await test.step('it is on the page within two seconds', async () => {
    expect(await send(platform, [event])).toMatchObject({ status: 202, accepted: 1 });
    await expect(live.feed.row(itemId)).toBeVisible({ timeout: 2_000 });
    await expect(live.feed.row(itemId)).toContainText('Purchase');
    await expect(live.feed.row(itemId)).toContainText('1,000,000');
  });

  await test.step('the filtered numbers move by it', async () => {
    await expect.poll(users).toBe(usersBefore + 1);
    await expect.poll(sales).toBeGreaterThanOrEqual(salesBefore + 0.95 * MILLION);
  });

  await test.step('sent again it is a duplicate, and no number moves', async () => {
    const { duplicate: known = 0 } = await ledger();
    expect(await send(platform, new Array(COPIES).fill(event))).toMatchObject({ status: 202, accepted: COPIES });
    await expect(async () => {
      const { counted = 0, duplicate = 0, late = 0, dead = 0, arrived } = await pipeline.ledgerTotals();
      expect(duplicate).toBeGreaterThanOrEqual(known + COPIES);
      expect(counted + duplicate + late + dead).toBe(arrived);
    }).toPass({ timeout: 10_000 });
    await shell.open('Live');
    await expect.poll(sales).not.toBeNaN();
    expect(await sales()).toBeLessThan(salesBefore + 1.5 * MILLION);
  });

  async function ledger() {
    await shell.open('Pipeline');
    await expect(pipeline.ledger.root.getByText('Last two hours:')).toBeVisible();
    return pipeline.ledgerTotals();
  }
});

test('text of a producer stays text wherever a data analyst sees it', async ({
  page,
  signIn,
  live,
  pipeline,
  platform,
}) => {
  const mark = uniqueItem();
  const hostile = `${SCRIPT}${mark}`;
  await signIn.as(PEOPLE.dataAnalyst, '/live?actions=purchase');
  await live.feed.listens();
  const metadata = { platform: hostile, item_id: hostile, [SCRIPT]: hostile, coupon: hostile };
  const sound = purchase(metadata, { user_id: hostile, location: hostile });
  const broken = { ...purchase({ item_id: hostile }), id: hostile };

  await test.step('in the feed', async () => {
    expect(await send(platform, [sound, broken])).toMatchObject({ accepted: 1, rejected: [{ code: 'invalid_id' }] });
    const row = live.feed.row(mark);
    await expect(row).toContainText(SCRIPT);
    await row.getByRole('button').click();
    await expect(live.feed.detail(row, 'region')).toHaveText('unknown');
    await expect(page.locator('img[src="x"]')).toHaveCount(0);
  });

  await test.step('in the detail of a dead letter', async () => {
    await page.goto('/pipeline');
    const reason = pipeline.deadLetters.root.getByRole('button', { name: 'invalid_id' });
    await reason.click();
    const drawer = page.getByRole('dialog', { name: /invalid_id/ });
    await expect(drawer.getByText(mark).first()).toBeVisible();
    await expect(drawer.getByText(SCRIPT).first()).toBeVisible();
    await expect(page.locator('img[src="x"]')).toHaveCount(0);
    await page.keyboard.press('Escape');
    await expect(drawer).toHaveCount(0);
  });
});
