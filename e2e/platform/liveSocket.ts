import type { BrowserContext } from '@playwright/test';
import { io, type Socket } from 'socket.io-client';
import type { PlatformAddress } from './platform.ts';

/** What the server answers to a subscription. */
export interface Acknowledgement {
  readonly ok: boolean;
  readonly code?: string;
}

/** A live connection without the product's own client: with the cookies of a signed-in browser, and any origin. */
export async function openSocket(
  platform: PlatformAddress,
  context: BrowserContext,
  origin = platform.url,
): Promise<Socket> {
  const cookies = await context.cookies(platform.url);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  return io(platform.url, {
    path: '/ws',
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    extraHeaders: { origin, cookie },
  });
}

/** Asks for a topic; the answer says whether it may be heard. */
export async function subscribe(socket: Socket, topic: unknown): Promise<Acknowledgement> {
  return socket.timeout(5_000).emitWithAck('subscribe', { v: 1, id: 'e2e', topic });
}

/** Resolves with how the handshake ended. */
export async function handshake(socket: Socket): Promise<'open' | 'refused'> {
  return new Promise((resolve) => {
    socket.once('connect', () => resolve('open'));
    socket.once('connect_error', () => resolve('refused'));
  });
}
