import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NoticeMessage, SnapshotMessage } from '@ebap/pipeline/contracts';
import { Server, type Socket } from 'socket.io';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createSocketTransport } from './socketTransport.ts';

let server: Server;
let sockets: Socket[] = [];

beforeEach(async () => {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  server = new Server(http, { path: '/ws' });
  sockets = [];
  server.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('subscribe', (message, acknowledge) => {
      acknowledge(message.topic.kind === 'pipeline' ? { ok: false, code: 'forbidden', message: 'no' } : { ok: true });
      socket.emit('snapshot', { v: 1, id: message.id, sequence: 1, payload: { kind: message.topic.kind } });
    });
  });
  // The browser's own origin, which the client connects to.
  vi.stubGlobal('location', { protocol: 'http:', host: `127.0.0.1:${(http.address() as AddressInfo).port}` });
});

afterEach(async () => {
  await server.close();
  vi.unstubAllGlobals();
});

function open() {
  const transport = createSocketTransport();
  const seen = { connects: 0, disconnects: 0, snapshots: [] as SnapshotMessage[], notices: [] as NoticeMessage[] };
  transport.open({
    onConnect: () => {
      seen.connects += 1;
    },
    onDisconnect: () => {
      seen.disconnects += 1;
    },
    onSnapshot: (message) => seen.snapshots.push(message),
    onDelta: () => undefined,
    onNotice: (message) => seen.notices.push(message),
  });
  return { transport, seen };
}

it('carries a subscription, its answer and its snapshot', async () => {
  const { transport, seen } = open();
  await vi.waitFor(() => expect(seen.connects).toBe(1));
  expect(await transport.subscribe({ v: 1, id: 'a', topic: { kind: 'regions' } })).toEqual({ ok: true });
  expect(await transport.subscribe({ v: 1, id: 'b', topic: { kind: 'pipeline' } })).toMatchObject({
    code: 'forbidden',
  });
  await vi.waitFor(() => expect(seen.snapshots.map((message) => message.id)).toEqual(['a', 'b']));
  transport.close();
});

it('comes back after the server has let go', async () => {
  const { transport, seen } = open();
  await vi.waitFor(() => expect(sockets).toHaveLength(1));
  sockets[0]?.disconnect();
  await vi.waitFor(() => expect([seen.disconnects, seen.connects]).toEqual([1, 2]), { timeout: 5_000 });
  transport.close();
});

it('a handshake without a session ends the session here too', async () => {
  server.use((_, next) => next(new Error('signed_out')));
  const { transport, seen } = open();
  await vi.waitFor(() => expect(seen.notices).toContainEqual({ code: 'session_ended', message: 'Sign in again.' }));
  transport.close();
});

it('answers for a server that is not there', async () => {
  const transport = createSocketTransport();
  expect(await transport.subscribe({ v: 1, id: 'a', topic: { kind: 'regions' } })).toMatchObject({
    ok: false,
    code: 'unavailable',
  });
});
