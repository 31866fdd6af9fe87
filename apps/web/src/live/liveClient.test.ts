import type { LiveTopic, SubscribeAck, SubscribeMessage } from '@ebap/pipeline/contracts';
import { describe, expect, it } from 'vitest';
import { LiveClient, type LiveTransport, topicId, topicKey } from './liveClient.ts';

const REGIONS: LiveTopic = { kind: 'regions' };
const ID = topicId(REGIONS);
const payload = (asOfMs: number) => ({ kind: 'regions' as const, regions: { asOfMs, currency: 'EUR', rows: [] } });

/** A client on a wire that the test holds in its hands. */
function setUp(ack: SubscribeAck = { ok: true }) {
  const subscribed: SubscribeMessage[] = [];
  const unsubscribed: string[] = [];
  let wire: Parameters<LiveTransport['open']>[0] | undefined;
  const frames: (() => void)[] = [];
  const later: (() => void)[] = [];
  const client = new LiveClient(
    {
      open: (handlers) => {
        wire = handlers;
      },
      subscribe: async (message) => {
        subscribed.push(message);
        return ack;
      },
      unsubscribe: (id) => void unsubscribed.push(id),
      close: () => undefined,
    },
    {
      nowMs: () => 42,
      onNextFrame: (callback) => void frames.push(callback),
      after: (_, callback) => void later.push(callback),
    },
  );
  client.start();
  const paint = () => frames.splice(0).forEach((frame) => void frame());
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
  return { client, later, subscribed, unsubscribed, paint, settle, wire: () => wire as NonNullable<typeof wire> };
}

function asOf(client: LiveClient): number | null {
  const { view } = client.state(REGIONS);
  return view?.kind === 'regions' ? view.regions.asOfMs : null;
}

describe('live client', () => {
  it('subscribes a topic once for all who watch it, and leaves with the last', () => {
    const { client, subscribed, unsubscribed, wire } = setUp();
    wire().onConnect();
    const first = client.watch(REGIONS, () => undefined);
    const second = client.watch({ kind: 'regions' }, () => undefined);
    first();
    expect(unsubscribed).toEqual([]);
    second();
    expect(subscribed).toHaveLength(1);
    expect(unsubscribed).toEqual([ID]);
  });

  it('applies deltas in sequence and tells listeners once per frame', () => {
    const { client, wire, paint } = setUp();
    let calls = 0;
    wire().onConnect();
    client.watch(REGIONS, () => {
      calls += 1;
    });
    wire().onSnapshot({ v: 1, id: ID, sequence: 5, payload: payload(1) });
    wire().onDelta({ v: 1, id: ID, sequence: 6, previous: 5, payload: payload(2) });
    paint();
    expect([asOf(client), calls, client.state(REGIONS).receivedAtMs]).toEqual([2, 1, 42]);
  });

  it('asks for a new snapshot after a gap and keeps the data meanwhile', () => {
    const { client, subscribed, unsubscribed, wire } = setUp();
    wire().onConnect();
    client.watch(REGIONS, () => undefined);
    wire().onSnapshot({ v: 1, id: ID, sequence: 5, payload: payload(1) });
    wire().onDelta({ v: 1, id: ID, sequence: 9, previous: 8, payload: payload(9) });
    expect(asOf(client)).toBe(1);
    expect(unsubscribed).toEqual([ID]);
    expect(subscribed.at(-1)?.since).toBeUndefined();
    wire().onDelta({ v: 1, id: ID, sequence: 10, previous: 9, payload: payload(10) });
    expect([asOf(client), subscribed.length]).toEqual([1, 2]);
  });

  it('comes back after a break with the last sequence it saw', () => {
    const { client, subscribed, wire } = setUp();
    wire().onConnect();
    client.watch(REGIONS, () => undefined);
    wire().onSnapshot({ v: 1, id: ID, sequence: 5, payload: payload(1) });
    wire().onDisconnect();
    expect([client.connection.isConnected, asOf(client)]).toEqual([false, 1]);
    wire().onConnect();
    expect(subscribed.at(-1)).toMatchObject({ id: ID, since: 5 });
  });

  it('remembers a refusal until data comes', async () => {
    const { client, wire, settle } = setUp({ ok: false, code: 'forbidden', message: 'Not for your role.' });
    wire().onConnect();
    client.watch(REGIONS, () => undefined);
    await settle();
    expect(client.state(REGIONS).refusal).toEqual({ code: 'forbidden', message: 'Not for your role.' });
    wire().onSnapshot({ v: 1, id: ID, sequence: 1, payload: payload(1) });
    expect(client.state(REGIONS).refusal).toBeNull();
  });

  it('asks again by itself for what could not be read, not for what is forbidden', async () => {
    const away = setUp({ ok: false, code: 'unavailable', message: 'The store is away.' });
    away.wire().onConnect();
    away.client.watch(REGIONS, () => undefined);
    await away.settle();
    for (const retry of away.later.splice(0)) retry();
    expect(away.subscribed).toHaveLength(2);
    const refused = setUp({ ok: false, code: 'forbidden', message: 'no' });
    refused.wire().onConnect();
    refused.client.watch(REGIONS, () => undefined);
    await refused.settle();
    expect(refused.later).toEqual([]);
  });

  it('ignores messages of subscriptions that ended', () => {
    const { client, wire } = setUp();
    wire().onConnect();
    client.watch(REGIONS, () => undefined)();
    wire().onSnapshot({ v: 1, id: ID, sequence: 1, payload: payload(1) });
    expect(client.state(REGIONS).view).toBeNull();
  });

  it('holds a notice until the server takes it back', () => {
    const { client, wire } = setUp();
    wire().onNotice({ code: 'degraded', message: 'store away' });
    expect(client.connection.notice?.message).toBe('store away');
    wire().onNotice({ code: 'recovered', message: '' });
    expect(client.connection.notice).toBeNull();
  });

  it('topics that mean the same have one key', () => {
    expect(topicKey({ kind: 'now', filter: { region: 'a', platform: 'ios' } })).toBe(
      topicKey({ filter: { platform: 'ios', region: 'a' }, kind: 'now' }),
    );
    expect(topicKey({ kind: 'now', filter: { region: undefined } })).toBe(topicKey({ kind: 'now', filter: {} }));
  });

  it('topics that differ have ids that differ, and the same one is the same for everybody', () => {
    const topics: readonly LiveTopic[] = [
      { kind: 'now', filter: {} },
      { kind: 'now', filter: { region: 'eu-west-1' } },
      { kind: 'now', filter: { region: 'eu-west-2' } },
      { kind: 'pipeline' },
    ];
    expect(new Set(topics.map(topicId)).size).toBe(4);
    expect(topicId({ kind: 'now', filter: {} })).toMatch(/^now-[0-9a-f]{16}$/);
  });
});
