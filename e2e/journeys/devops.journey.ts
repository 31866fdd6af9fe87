import { PEOPLE } from '../pages/people.ts';
import { expect, test } from '../test.ts';

test('a DevOps engineer signs in, sees that the platform is well, and signs out for good', async ({
  page,
  signIn,
  shell,
  live,
  pipeline,
}) => {
  await test.step('signing in takes one click at the provider and ends on Live', async () => {
    await page.goto('/');
    await expect(page).toHaveTitle(/Sign in/);
    await signIn.button.click();
    await expect(page).toHaveURL(/\/idp\//);
    await signIn.choose(PEOPLE.devops);
    await expect(page).toHaveURL(/\/live$/);
    await expect(live.heading).toBeAttached();
  });

  await test.step('the numbers live: events come, and the stamp stays young', async () => {
    await expect.poll(() => live.value('Events per second')).toBeGreaterThan(0);
    await expect.poll(() => live.value('Active users')).toBeGreaterThan(0);
    const first = await live.now.stamp.getAttribute('datetime');
    await expect(live.now.stamp).not.toHaveAttribute('datetime', first ?? '');
    await expect(live.now.stamp).toHaveText(/^[0-5] s ago$|^now$/);
    await expect(live.now.stamp).not.toHaveAttribute('data-stale');
    await expect(shell.connection).toHaveAttribute('data-connection', 'live');
  });

  await test.step('raw events are not for DevOps', async () => {
    await expect(live.feed.root).toHaveCount(0);
    expect(await shell.pages()).toEqual(['Live', 'Pipeline']);
  });

  await test.step('Pipeline: every partition runs without lag, CDC streams, the ledger adds up', async () => {
    await shell.open('Pipeline');
    await expect(pipeline.heading).toBeAttached();
    await expect(pipeline.partitions.root.locator('tbody tr')).not.toHaveCount(0);
    for (const row of await pipeline.partitions.rows()) expect(row[2]?.trim()).toBe('running');
    await expect(pipeline.tile('Consumer lag')).toHaveText(/Consumer lag\s*(0|[\d.]+ ms|1(\.\d+)? s)/);
    await expect(pipeline.tile('Ingest')).toContainText('events/s');
    const streams = await pipeline.cdc.rows();
    expect(streams.length).toBeGreaterThan(0);
    for (const row of streams) expect(row[1]?.trim()).toBe('streaming');
    const { counted = 0, duplicate = 0, late = 0, dead = 0, arrived } = await pipeline.ledgerTotals();
    expect(counted).toBeGreaterThan(0);
    expect(counted + duplicate + late + dead).toBe(arrived);
  });

  await test.step('reasons of dead letters are told, their records are not', async () => {
    await expect(pipeline.deadLetters.root).toBeVisible();
    await expect(pipeline.deadLetters.root.locator('tbody').getByRole('button')).toHaveCount(0);
    const refused = await page.request.get('/api/trpc/deadLetters.list', {
      params: { input: JSON.stringify({ json: { reason: 'invalid_id', limit: 5 } }) },
    });
    expect(refused.status()).toBe(403);
  });

  await test.step('after signing out, the back button shows nothing', async () => {
    await shell.signOut();
    await expect(signIn.notice).toHaveText('You are signed out.');
    await page.goBack();
    await expect(signIn.button).toBeVisible();
    await expect(pipeline.heading).toHaveCount(0);
  });
});
