import type { Socket } from 'node:net';
import type { LiveTopic } from '@ebap/pipeline/contracts';
import { CUT_MS } from '@ebap/pipeline/time';
import { expect, it, vi } from 'vitest';
import { ADMIN, ANALYST, feedEvent, PRODUCT, startLive, type TestClient } from '../testing/liveHarness.ts';

const EVENTS: LiveTopic = {
  kind: 'series',
  query: { measure: 'events', filter: {}, by: null, grain: '1m', range: { trailingMs: 600_000 } },
};
/** Only how long a fault keeps a test waiting: nothing is measured by it. */
const PATIENCE_MS = 15_000;
const minute = (timeMs: number) => Math.floor(timeMs / 60_000) * 60_000;

const firstSnapshot = (client: TestClient) => vi.waitUntil(() => client.snapshots[0], { timeout: PATIENCE_MS });
const firstDelta = (client: TestClient) => vi.waitUntil(() => client.deltas[0], { timeout: PATIENCE_MS });

it('sends a snapshot on join and only what changed after', async () => {
  const nowMs = minute(Date.now()) + 30_000;
  await using live = await startLive({ nowMs: () => nowMs });
  await live.write.cell('meridian', '1m', minute(nowMs) - 60_000, '*', { view: 5 });
  await live.write.progress('meridian', nowMs);
  await using client = await live.connect(ADMIN);
  expect(await client.subscribe('a', EVENTS)).toEqual({ ok: true });
  const snapshot = await firstSnapshot(client);
  if (snapshot.payload.kind !== 'series') throw new Error('not a series');
  expect(snapshot.payload.result.series[0]?.values).toEqual([...Array<null>(8).fill(null), 5, 0]);
  await live.write.cell('meridian', '1m', minute(nowMs), '*', { purchase: 2, view: 1 });
  const delta = await firstDelta(client);
  expect(delta).toMatchObject({
    id: 'a',
    previous: snapshot.sequence,
    payload: { kind: 'series', points: [{ key: '*', timeMs: minute(nowMs), value: 3 }] },
  });
});

it('reads a topic once for all who listen with the same rights', async () => {
  await using live = await startLive();
  await live.write.progress('meridian', Date.now());
  const clients = await Promise.all(Array.from({ length: 10 }, () => live.connect(ADMIN)));
  const twin = { ...EVENTS, query: { ...EVENTS.query, by: null } } as LiveTopic;
  await Promise.all(clients.map((client, i) => client.subscribe(`s${i % 3}`, i % 2 ? EVENTS : twin)));
  await Promise.all(clients.map(firstSnapshot));
  expect(live.gateway.hub.roomCount).toBe(1);
  expect(new Set(clients.map((client) => client.snapshots[0]?.sequence)).size).toBe(1);
  for (const client of clients) await client[Symbol.asyncDispose]();
});

it('conflates what comes faster than it is sent, without a gap in the sequence', async () => {
  const nowMs = minute(Date.now()) + 30_000;
  await using live = await startLive({ nowMs: () => nowMs });
  await live.write.progress('meridian', nowMs);
  await using client = await live.connect(ADMIN);
  await client.subscribe('a', EVENTS);
  await firstSnapshot(client);
  for (let i = 1; i <= 100; i++) await live.write.cell('meridian', '1m', minute(nowMs), '*', { view: i });
  // What comes at once after joining may arrive as a snapshot anew.
  const newest = () => JSON.stringify([client.deltas.at(-1), client.snapshots.at(-1)]);
  await vi.waitUntil(() => /\b100\b/.test(newest()), { timeout: PATIENCE_MS });
  expect(client.deltas.length).toBeLessThan(100);
  const told = new Set([...client.snapshots, ...client.deltas].map(({ sequence }) => sequence));
  for (const { previous } of client.deltas) expect(told).toContain(previous);
});

it('skips the snapshot for who comes back with the newest sequence, and only then', async () => {
  await using live = await startLive();
  await live.write.progress('meridian', minute(Date.now()));
  await using keeper = await live.connect(ADMIN);
  await keeper.subscribe('a', { kind: 'now', filter: {} });
  await using back = await live.connect(ADMIN);
  await back.subscribe('a', EVENTS);
  const { sequence } = await firstSnapshot(back);
  await using again = await live.connect(ADMIN);
  await again.subscribe('b', EVENTS, { since: sequence });
  await using gap = await live.connect(ADMIN);
  await gap.subscribe('c', EVENTS, { since: sequence - 1 });
  await firstSnapshot(gap);
  expect(again.snapshots).toEqual([]);
});

it('lets rates fall while nothing arrives', async () => {
  await using live = await startLive();
  const paneMs = Math.floor(Date.now() / 10_000) * 10_000;
  await live.write.cell('meridian', '10s', paneMs - 10_000, '*', { view: 50 });
  await live.write.cell('meridian', '1m', minute(paneMs - 10_000), '*', { view: 50 });
  await live.write.progress('meridian', paneMs + 1_100);
  await using client = await live.connect(ADMIN);
  await client.subscribe('n', { kind: 'now', filter: {} });
  const { payload } = await firstSnapshot(client);
  expect(payload.kind === 'now' && payload.now.eventsPerSecond).toBe(5);
  await live.write.progress('meridian', paneMs + 11_100);
  const delta = await firstDelta(client);
  expect(delta.payload.kind === 'now' && delta.payload.now.eventsPerSecond).toBe(0);
});

it('feeds new events to who may see raw data, filtered', async () => {
  await using live = await startLive();
  await using client = await live.connect(ADMIN);
  expect(await client.subscribe('f', { kind: 'feed', filter: { actions: ['purchase'] } })).toEqual({ ok: true });
  await firstSnapshot(client);
  const cut = Math.floor(Date.now() / CUT_MS);
  const events = [
    feedEvent({ action: 'view', offset: 1 }),
    feedEvent({ action: 'purchase', offset: 2, itemId: '<b>' }),
  ];
  await live.write.feed('meridian', { cut, partition: 2, appendMs: cut * CUT_MS, arrived: 40, events });
  const delta = await firstDelta(client);
  expect(delta.payload).toMatchObject({
    kind: 'feed',
    feed: { arrived: 40, shown: 1, events: [{ offset: 2, itemId: '<b>' }] },
  });
});

it('never shows one workspace to another', async () => {
  await using live = await startLive();
  await live.write.cell('acme', '1m', minute(Date.now()), '*', { view: 99 });
  await live.write.progress('acme', Date.now());
  await live.write.progress('meridian', Date.now());
  const newest = async (client: TestClient) => {
    await client.subscribe('a', EVENTS);
    const { payload } = await firstSnapshot(client);
    return payload.kind === 'series' ? payload.result.series[0]?.values.at(-1) : undefined;
  };
  await using forged = await live.connect(PRODUCT, { workspace: 'acme' });
  expect(await newest(forged)).toBeNull();
  await using member = await live.connect(ADMIN, { workspace: 'acme' });
  expect(await newest(member)).toBe(99);
});

it('leaves out a socket that does not read, and starts it anew when it reads again', async () => {
  await using live = await startLive();
  await using slow = await live.connect(ADMIN);
  await using quick = await live.connect(ADMIN);
  const feed: LiveTopic = { kind: 'feed', filter: {} };
  await Promise.all([slow.subscribe('f', feed), quick.subscribe('f', feed)]);
  await Promise.all([firstSnapshot(slow), firstSnapshot(quick)]);
  const transport = slow.socket.io.engine.transport as unknown as { ws: { _socket: Socket } }; // what reads the network
  transport.ws._socket.pause();
  const itemId = 'x'.repeat(300_000);
  let offset = 0;
  await vi.waitUntil(
    async () => {
      const cut = Math.floor(Date.now() / CUT_MS);
      const events = Array.from({ length: 8 }, () => feedEvent({ itemId, offset: ++offset, appendMs: cut * CUT_MS }));
      await live.write.feed('meridian', { cut, partition: 0, appendMs: cut * CUT_MS, arrived: 8, events });
      return live.gateway.hub.slowdowns > 0;
    },
    { timeout: 15_000, interval: 260 },
  );
  const heardByQuick = quick.deltas.length;
  transport.ws._socket.resume();
  await vi.waitUntil(() => slow.snapshots.length === 2, { timeout: PATIENCE_MS });
  expect(slow.deltas.length).toBeLessThan(heardByQuick);
  expect(live.gateway.hub.slowdowns).toBe(1);
});

it('refuses topics that the role may not see, unknown ones, and too many', async () => {
  await using live = await startLive();
  await using client = await live.connect(PRODUCT);
  const codeOf = async (topic: unknown, over: object = {}) => {
    const ack = await client.subscribe('x', topic as LiveTopic, over);
    return ack.ok ? 'ok' : ack.code;
  };
  expect(await codeOf({ kind: 'feed', filter: {} })).toBe('forbidden');
  expect(await codeOf({ kind: 'pipeline' })).toBe('forbidden');
  expect(await codeOf({ kind: 'secrets' })).toBe('bad_request');
  expect(await codeOf({ kind: 'now', filter: { region: '../x' } })).toBe('bad_request');
  expect(await codeOf({ ...EVENTS, query: { ...EVENTS.query, measure: 'active_users', grain: '10s' } })).toBe(
    'bad_request',
  );
  expect(await codeOf({ kind: 'regions' }, { v: 99 })).toBe('bad_request');
  const acks = await Promise.all(Array.from({ length: 33 }, (_, i) => client.subscribe(`t${i}`, { kind: 'regions' })));
  expect(acks.filter((ack) => !ack.ok)).toEqual([expect.objectContaining({ code: 'too_many' })]);
});

it('refuses foreign origins, missing sessions and oversized messages', async () => {
  await using live = await startLive();
  await expect(live.connect(ADMIN, { origin: 'https://evil.example' })).rejects.toThrow();
  await expect(live.connect('nobody')).rejects.toThrow('signed_out');
  await using client = await live.connect(ADMIN);
  const closed = new Promise((resolve) => client.socket.once('disconnect', resolve));
  client.socket.emit('subscribe', { v: 1, id: 'x'.repeat(100_000) });
  await closed;
});

it('ends the sockets of a revoked session and takes back topics of a lost role', async () => {
  await using live = await startLive({ recheckMs: 100 });
  await live.write.progress('meridian', Date.now());
  await using client = await live.connect(ADMIN);
  await client.subscribe('f', { kind: 'feed', filter: {} });
  live.sessions.active.set(ADMIN, { name: 'ada', workspaces: { meridian: ['devops'] } });
  await vi.waitUntil(() => client.notices.some((notice) => notice.code === 'forbidden'), { timeout: PATIENCE_MS });
  live.sessions.active.delete(ADMIN);
  await vi.waitUntil(() => client.socket.disconnected, { timeout: PATIENCE_MS });
  expect(client.notices.at(-1)?.code).toBe('session_ended');
});

it('says once that the store is away, and refuses topics that it can not read', async () => {
  await using live = await startLive();
  await live.write.progress('meridian', Date.now());
  await using client = await live.connect(ADMIN);
  await client.subscribe('a', EVENTS);
  await firstSnapshot(client);
  await live.hot.close();
  expect(await client.subscribe('b', { kind: 'regions' })).toMatchObject({ ok: false, code: 'unavailable' });
  await vi.waitUntil(() => client.notices.length > 0, { timeout: PATIENCE_MS });
  expect(client.notices.map((notice) => notice.code)).toEqual(['degraded']);
  expect(live.faults).toHaveLength(1);
});

it('forgets a topic that nobody listens to any more, also one that was left before it was ready', async () => {
  await using live = await startLive();
  await using client = await live.connect(ADMIN);
  const leaving = client.subscribe('a', EVENTS);
  client.socket.emit('unsubscribe', { id: 'a' });
  await leaving;
  await client.subscribe('b', { kind: 'regions' });
  client.socket.emit('unsubscribe', { id: 'b' });
  await vi.waitUntil(() => live.gateway.hub.roomCount === 0, { timeout: PATIENCE_MS });
});

it('answers the pipeline topic with topics, ledger and partitions', async () => {
  await using live = await startLive();
  await using client = await live.connect(ADMIN);
  await client.subscribe('p', { kind: 'pipeline' });
  const { payload } = await firstSnapshot(client);
  if (payload.kind !== 'pipeline') throw new Error('not the pipeline');
  expect(payload.pipeline.topics.map((topic) => topic.name)).toContain('ebap.events.raw');
  expect(payload.pipeline.ledger).toHaveLength(120);
  expect(live.faults).toEqual([]);
});

it('tells letters of no known workspace to admins alone, and all letters where their workspace is', async () => {
  await using live = await startLive();
  const letter = (workspace: string, id: string) => ({
    partition: 0,
    key: null,
    value: Buffer.from(
      JSON.stringify({
        v: 1,
        workspace,
        reason: 'malformed_avro',
        message: '',
        source: null,
        id,
        schemaId: null,
        firstSeenMs: Date.now(),
        payload: '',
        sealed: false,
      }),
    ),
  });
  await live.log.append('ebap.dlq', [letter('_system', 'a'), letter('_system', 'b'), letter('meridian', 'c')]);
  const told = async (token: string) => {
    await using client = await live.connect(token);
    await client.subscribe('p', { kind: 'pipeline' });
    const { payload } = await firstSnapshot(client);
    if (payload.kind !== 'pipeline') throw new Error('not the pipeline');
    const { deadLetters, systemDeadLetters, ledger } = payload.pipeline;
    return {
      own: deadLetters.map((one) => [one.onLog, one.atEdge]),
      refused: ledger.reduce((sum, minute) => sum + minute.refused, 0),
      system: systemDeadLetters?.map((one) => one.count) ?? null,
    };
  };
  expect(await told(ANALYST)).toEqual({ own: [[0, 1]], refused: 1, system: null });
  expect(await told(ADMIN)).toEqual({ own: [[0, 1]], refused: 1, system: [2] });
});

it('opens no socket for a foreign host or origin, and writes down who asked', async () => {
  await using live = await startLive();
  const origin = 'https://evil.example';
  await expect(live.connect(ADMIN, { origin })).rejects.toThrow();
  await expect(live.connect(ADMIN, { host: 'evil.example' })).rejects.toThrow();
  await expect(live.connect('nobody')).rejects.toThrow('signed_out');
  expect(live.logged).toMatchObject([
    { reason: 'foreign_origin', origin, client: expect.stringContaining('127.0.0.1') },
    { reason: 'foreign_host', host: 'evil.example' },
    { reason: 'signed_out' },
  ]);
  expect(live.metrics.render()).toContain('ebap_live_refusals_total{reason="foreign_host"} 1');
});

it('audits a topic that the role does not open', async () => {
  await using live = await startLive();
  await using client = await live.connect(PRODUCT);
  expect(await client.subscribe('f', { kind: 'feed', filter: {} })).toMatchObject({ code: 'forbidden' });
  expect(live.audited).toMatchObject([
    { workspaceId: 'meridian', kind: 'refused', detail: { permission: 'read:events_raw', path: 'socket feed' } },
  ]);
});

it('reads malformed subscriptions no faster than sound ones', async () => {
  await using live = await startLive();
  await using client = await live.connect(ADMIN);
  const asked = Array.from({ length: 150 }, () => client.socket.emitWithAck('subscribe', { v: 'malformed' }));
  const codes = (await Promise.all(asked)).map((ack: { code: string }) => ack.code);
  expect(codes[0]).toBe('bad_request');
  expect(codes.at(-1)).toBe('too_many');
});
