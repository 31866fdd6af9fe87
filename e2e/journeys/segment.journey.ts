import { Analytics } from '@segment/analytics-node';
import { PEOPLE } from '../pages/people.ts';
import { DEMO_KEYS, uniqueItem } from '../platform/events.ts';
import { readSecret } from '../platform/platform.ts';
import { expect, test } from '../test.ts';

test('a shop that already speaks Segment drives Live with nothing but another host', async ({
  signIn,
  live,
  platform,
}) => {
  const itemId = uniqueItem();
  await signIn.as(PEOPLE.customerSupport, '/live?actions=purchase');
  await live.feed.listens();
  const analytics = new Analytics({ writeKey: readSecret(platform, DEMO_KEYS.meridian), host: platform.url });
  const errors: unknown[] = [];
  analytics.on('error', (error) => errors.push(error));

  const userId = `shopper-${itemId}`;
  analytics.identify({ userId, traits: { email: 'shopper@example.com', tier: 'gold' } });
  analytics.track({
    userId,
    event: 'Order Completed',
    properties: { revenue: 42.5, currency: 'EUR', product_id: itemId, platform: 'ios', region: 'eu-west-1' },
  });
  await analytics.closeAndFlush();

  expect(errors).toEqual([]);
  const row = live.feed.row(itemId);
  await expect(row).toBeVisible({ timeout: 2_000 });
  await expect(row).toContainText('Purchase');
  await expect(row).toContainText('42.5');
  await expect(row).toContainText('iOS');
  await row.getByRole('button').click();
  await expect(live.feed.detail(row, 'region')).toHaveText('eu-west-1');
});
