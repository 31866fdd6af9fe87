import { decodeRawEvent, PLATFORMS, RawEventView, TOPICS } from '@ebap/pipeline/contracts';
import { Analytics } from '@segment/analytics-node';
import { expect, it } from 'vitest';
import { type IngestHarness, KEY_ACME, startIngest } from '../../testing/ingestHarness.ts';

const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` });

async function eventsOf(harness: IngestHarness): Promise<readonly RawEventView[]> {
  return (await harness.records(TOPICS.eventsRaw)).map(({ value }) => {
    const view = new RawEventView();
    const bytes = Uint8Array.from(value ?? []);
    expect(decodeRawEvent(bytes, 5, bytes.length, view)).toBe('ok');
    return view;
  });
}

it('takes what the official library for Node sends, unmodified', async () => {
  await using harness = await startIngest();
  const analytics = new Analytics({ writeKey: KEY_ACME, host: harness.url, flushAt: 5, maxRetries: 0 });
  const failures: unknown[] = [];
  analytics.on('error', (error) => failures.push(error));
  analytics.identify({ userId: 'ada', traits: { email: 'ada@example.test', plan: 'Gold', country: 'de' } });
  analytics.page({ userId: 'ada', name: 'Home' });
  analytics.track({ userId: 'ada', event: 'Product Viewed', properties: { product_id: 'sku-9', price: 12.5 } });
  analytics.track({
    userId: 'ada',
    event: 'Order Completed',
    properties: { revenue: 74.9, currency: 'EUR', products: [{ product_id: 'sku-9' }] },
    context: { device: { type: 'ios' } },
  });
  analytics.track({ userId: 'ada', event: 'Something Else' });
  await analytics.closeAndFlush();
  expect(failures).toEqual([]);
  const events = await eventsOf(harness);
  expect(events.map((event) => event.action)).toEqual([0, 2]);
  expect(events[1]?.amountUnits).toBe(749_000);
  expect(PLATFORMS[events[1]?.platform ?? 0]).toBe('ios');
  expect(harness.directories.profiles).toEqual([
    { workspaceId: 'acme', userId: 'ada', tier: 'gold', country: 'DE', email: 'ada@example.test' },
  ]);
  const metrics = harness.metrics.render();
  expect(metrics).toContain('ebap_ingest_unmapped_total{type="page"} 1');
  expect(metrics).toContain('ebap_ingest_unmapped_total{type="track"} 1');
});

it('answers track, identify and batch as its libraries expect, by key in header or body', async () => {
  await using harness = await startIngest();
  const track = { userId: 'u', event: 'Signed In', messageId: 'm-1', timestamp: new Date().toISOString() };
  const post = async (path: string, body: unknown, headers: Readonly<Record<string, string>>) => {
    const response = await fetch(harness.url + path, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', ...headers },
      body: JSON.stringify(body),
    });
    return [response.status, await response.json()];
  };
  expect(await post('/v1/track', track, basic(KEY_ACME))).toEqual([200, { success: true }]);
  expect(await post('/v1/track', { ...track, writeKey: KEY_ACME }, {})).toEqual([200, { success: true }]);
  expect(await post('/v1/identify', { userId: 'u', traits: {} }, basic(KEY_ACME))).toEqual([200, { success: true }]);
  expect(await post('/v1/batch', { batch: [] }, basic(KEY_ACME))).toEqual([200, { success: true }]);
  expect((await post('/v1/track', track, {}))[0]).toBe(401);
  expect((await post('/v1/batch', { batch: 7 }, basic(KEY_ACME)))[0]).toBe(400);
});

it('gives a retried message the same identity', async () => {
  await using harness = await startIngest();
  const batch = {
    batch: [{ type: 'track', userId: 'u', event: 'cart', messageId: 'node-1', timestamp: '2026-11-20T10:00:00Z' }],
  };
  for (const sentAt of ['2026-11-20T10:00:01Z', '2026-11-20T10:05:00Z'])
    await harness.post('/v1/batch', JSON.stringify({ ...batch, sentAt }));
  const [first, second] = await eventsOf(harness);
  const identity = (view: RawEventView | undefined) => [view?.id0, view?.id1, view?.id2, view?.id3, view?.timestampMs];
  expect(identity(second)).toEqual(identity(first));
  expect(first?.timestampMs).toBe(Date.UTC(2026, 10, 20, 10));
});

it('keeps refused calls as dead letters and the answer friendly', async () => {
  await using harness = await startIngest();
  const batch = [
    { type: 'track', userId: 'u', event: 'Order Completed', properties: { revenue: -5 } },
    { type: 'track', event: 'Order Completed' },
    7,
    { type: 'track', anonymousId: 'anon', event: 'Order Completed', properties: { total: '10.00' } },
  ];
  const response = await harness.post('/v1/batch', JSON.stringify({ batch }));
  expect([response.status, await response.json()]).toEqual([200, { success: true }]);
  expect((await harness.letters()).map((letter) => letter.reason).sort()).toEqual([
    'invalid_amount',
    'invalid_record',
    'missing_user',
  ]);
  expect(await eventsOf(harness)).toHaveLength(1);
});

it('gives a call without messageId the identity of what it says, so that a retry counts once', async () => {
  await using harness = await startIngest();
  const call = { userId: 'u', event: 'Order Completed', timestamp: '2026-11-20T10:00:00Z' };
  const send = (over: object) => harness.post('/v1/track', JSON.stringify({ ...call, ...over }));
  await send({ properties: { revenue: 5, currency: 'EUR', products: [{ sku: 'a', n: 1 }] } });
  await send({
    properties: { currency: 'EUR', products: [{ n: 1, sku: 'a' }], revenue: 5 },
    sentAt: '2026-11-20T10:05:00Z',
  });
  await send({ properties: { revenue: 6, currency: 'EUR' } });
  await send({
    timestamp: '2026-11-20T10:00:01Z',
    properties: { revenue: 5, currency: 'EUR', products: [{ sku: 'a', n: 1 }] },
  });
  await send({ timestamp: undefined });
  await send({ timestamp: undefined });
  const ids = (await eventsOf(harness)).map(({ id0, id1, id2, id3 }) => [id0, id1, id2, id3].join());
  expect(ids[1]).toBe(ids[0]);
  expect(new Set(ids).size).toBe(5);
});

it('keeps an identify of nobody as a dead letter, and counts anonymous ones and traits that do not fit', async () => {
  await using harness = await startIngest();
  const batch = [
    { type: 'identify', traits: { plan: 'gold' } },
    { type: 'identify', userId: 42, traits: { plan: 'gold' } },
    { type: 'identify', userId: 'x'.repeat(129) },
    { type: 'identify', anonymousId: 'anon', traits: { plan: 'gold' } },
    {
      type: 'identify',
      userId: 'ada',
      traits: { plan: 'diamond', country: 'Germany', email: 7, age: 36, name: 'Ada' },
    },
    { type: 'identify', userId: 'bo', traits: { address: { country: 'de' }, firstName: 'Bo' } },
  ];
  expect((await harness.post('/v1/batch', JSON.stringify({ batch }))).status).toBe(200);
  expect((await harness.letters()).map((letter) => letter.reason)).toEqual(Array(3).fill('missing_user'));
  expect(harness.directories.profiles).toEqual([
    { workspaceId: 'acme', userId: 'ada', name: 'Ada' },
    { workspaceId: 'acme', userId: 'bo', country: 'DE', name: 'Bo' },
  ]);
  const metrics = harness.metrics.render();
  expect(metrics).toContain('ebap_ingest_unmapped_total{type="identify"} 1');
  expect(metrics).toContain('ebap_ingest_properties_dropped_total 4');
  expect(metrics).toContain('ebap_ingest_rejected_total{code="missing_user"} 3');
});

it('where profiles come from the customer’s own database, counts identify and changes nothing', async () => {
  await using harness = await startIngest({}, undefined, { profiles: null });
  const batch = [
    { type: 'identify', userId: 'ada', traits: { plan: 'gold' } },
    { type: 'track', userId: 'ada', event: 'Product Viewed', messageId: 'm-1' },
  ];
  expect((await harness.post('/v1/batch', JSON.stringify({ batch }))).status).toBe(200);
  expect(harness.directories.profiles).toEqual([]);
  expect(await eventsOf(harness)).toHaveLength(1);
  expect(harness.metrics.render()).toContain('ebap_ingest_unmapped_total{type="identify"} 1');
});
