import { PEOPLE } from '../pages/people.ts';
import { purchase, send, uniqueItem } from '../platform/events.ts';
import { expect, test } from '../test.ts';

test('an admin works in both workspaces, and nothing crosses between them', async ({
  page,
  signIn,
  shell,
  live,
  platform,
}) => {
  const frames: string[] = [];
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
  await signIn.as(PEOPLE.admin, '/live?actions=purchase');

  await test.step('the first workspace shows its own numbers and events', async () => {
    await expect(shell.workspace).toContainText('Meridian');
    await expect(live.regions.root).toContainText('€');
    await live.feed.listens();
  });

  await test.step('the other one shows others, in its own currency', async () => {
    await shell.switchWorkspace('Acme');
    await expect(live.regions.root).toContainText('$');
    await expect.poll(() => live.value('Events per second')).toBeGreaterThan(0);
  });

  await test.step('the same event identity in both: each sees only its own', async () => {
    await page.goto('/live?actions=purchase');
    await expect(shell.workspace).toContainText('Acme');
    await live.feed.listens();
    const [ours, theirs] = [uniqueItem(), uniqueItem()];
    frames.length = 0;
    const event = purchase({ item_id: theirs, currency: 'USD' });
    await send(platform, [{ ...event, metadata: { ...event.metadata, item_id: ours } }], 'meridian');
    await send(platform, [event], 'acme');
    await expect(live.feed.row(theirs)).toBeVisible();
    // What was sent first, and to the same pipeline, would be here by now.
    expect(frames.some((frame) => frame.includes(theirs))).toBe(true);
    expect(frames.filter((frame) => frame.includes(ours))).toEqual([]);
    await expect(live.feed.row(ours)).toHaveCount(0);
  });

  await test.step('back in the first, its own numbers are there again', async () => {
    await shell.switchWorkspace('Meridian');
    await expect(live.regions.root).toContainText('€');
    expect(await shell.pages()).toEqual(['Live', 'Pipeline']);
  });
});
