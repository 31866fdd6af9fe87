import { randomUUID } from 'node:crypto';
import { afterEach, expect, it, vi } from 'vitest';
import { type IngestHarness, KEY_ACME, KEY_GLOBEX, startIngest } from '../testing/ingestHarness.ts';
import { RawSocket } from '../testing/rawSocket.ts';
import { BODY_POLICY } from './ingestPipeline.ts';

const MIB = 1 << 20;
const open: RawSocket[] = [];

afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

function socketTo(harness: IngestHarness): RawSocket {
  const socket = new RawSocket(harness.url);
  open.push(socket);
  return socket;
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' });
const event = () => ({ id: randomUUID(), user_id: 'u', action: 'view', timestamp: Date.now() });
const underWay = (harness: IngestHarness, requests: number) =>
  vi.waitUntil(() => harness.metrics.render().includes(`ebap_ingest_in_flight_requests ${requests}\n`));
const inFlightBytes = (harness: IngestHarness) =>
  Number(/ebap_ingest_in_flight_bytes (\d+)/.exec(harness.metrics.render())?.[1]);

it('lets sound requests through while 300 strangers announce bodies that do not come', async () => {
  await using harness = await startIngest();
  for (let i = 0; i < 300; i++) socketTo(harness).begin('POST /v1/batch', { 'content-length': 524_288 }).write('{');
  await underWay(harness, 300);
  expect((await harness.post('/v1/events', JSON.stringify(event()))).status).toBe(202);
  const segment = { batch: [{ type: 'track', userId: 'u', event: 'view' }], writeKey: KEY_ACME };
  expect((await harness.post('/v1/batch', JSON.stringify(segment), { authorization: '' })).status).toBe(200);
});

it('lets other workspaces through while one holds all it may', async () => {
  await using harness = await startIngest({ inFlightBytes: 4 * MIB });
  const hog = () => socketTo(harness).begin('POST /v1/events', { ...bearer(KEY_ACME), 'content-length': 8 * MIB });
  const hogs = Array.from({ length: 17 }, hog);
  await underWay(harness, 17);
  expect((await harness.post('/v1/events', JSON.stringify(event()))).status).toBe(202);
  for (const one of hogs) one.write('['.padEnd(MIB, ' '));
  await vi.waitUntil(() => hogs.filter((one) => one.status === 503).length >= 15);
  const theirs = await harness.post('/v1/events', JSON.stringify(event()), bearer(KEY_GLOBEX));
  expect(theirs.status).toBe(202);
});

it('bounds chunked bodies as they come in', async () => {
  await using harness = await startIngest({ inFlightBytes: 4 * MIB });
  const sockets = Array.from({ length: 8 }, () =>
    socketTo(harness).begin('POST /v1/events', { ...bearer(KEY_ACME), 'transfer-encoding': 'chunked' }),
  );
  for (const socket of sockets) socket.chunk('['.padEnd(MIB, ' '));
  await vi.waitUntil(() => sockets.filter((one) => one.status === 503).length >= 6);
  expect(inFlightBytes(harness)).toBeLessThanOrEqual(2 * MIB);
});

it('answers 408 to a body that does not come in time, then closes', async () => {
  const slow = { ...BODY_POLICY, known: { ...BODY_POLICY.known, timeoutMs: 100 } };
  await using harness = await startIngest({ bodies: slow });
  const socket = socketTo(harness).begin('POST /v1/events', { ...bearer(KEY_ACME), 'content-length': 100 });
  socket.write('[');
  await vi.waitUntil(() => socket.text.includes('body_timeout'));
  expect(socket.status).toBe(408);
  expect(socket.text).toContain('application/problem+json');
  expect(socket.text.toLowerCase()).toContain('connection: close');
  await socket.closed;
  expect(socket.fault).toBeNull();
});

it.each([
  ['too large', bearer(KEY_ACME), 413],
  ['without a valid key', bearer('wrong'), 401],
])('gets its answer to a sender of 10 MB that closes after it: %s', async (_name, headers, status) => {
  await using harness = await startIngest();
  const bytes = 10 * MIB;
  const socket = socketTo(harness);
  socket.begin('POST /v1/events', { ...headers, connection: 'close', 'content-length': bytes });
  for (let sent = 0; sent < bytes; sent += MIB) socket.write(' '.repeat(MIB));
  await socket.closed;
  expect([socket.status, socket.fault]).toEqual([status, null]);
});

it('reads on no longer than it must after a refusal', async () => {
  await using harness = await startIngest();
  const socket = socketTo(harness).begin('POST /v1/events', { ...bearer('wrong'), 'content-length': 8 * MIB });
  const startMs = performance.now();
  await socket.closed;
  expect(socket.status).toBe(401);
  expect(performance.now() - startMs).toBeLessThan(10_000);
});
