import type {
  DeltaMessage,
  NoticeMessage,
  SnapshotMessage,
  SubscribeAck,
  SubscribeMessage,
} from '@ebap/pipeline/contracts';
import { io, type Socket } from 'socket.io-client';
import type { LiveTransport } from './liveClient.ts';

const PATH = '/ws';
const ACK_TIMEOUT_MS = 10_000;
const RECONNECT_MIN_MS = 250;
const RECONNECT_MAX_MS = 5_000;
const RECONNECT_SERVER_MS = 1_000;

/** Why a handshake is refused to somebody without a session, or with one that opens nothing here. */
const SESSION_REFUSALS: ReadonlySet<string> = new Set(['signed_out', 'no_role']);

interface ServerEvents {
  snapshot(message: SnapshotMessage): void;
  delta(message: DeltaMessage): void;
  notice(message: NoticeMessage): void;
}

interface ClientEvents {
  subscribe(message: SubscribeMessage, acknowledge: (ack: SubscribeAck) => void): void;
  unsubscribe(message: { readonly id: string }): void;
}

type LiveSocket = Socket<ServerEvents, ClientEvents>;

/** The live protocol over socket.io on the page's own origin; the session cookie says who asks. */
export function createSocketTransport(): LiveTransport {
  let socket: LiveSocket | null = null;
  return {
    open(handlers) {
      socket = io({
        path: PATH,
        transports: ['websocket'],
        reconnectionDelay: RECONNECT_MIN_MS,
        reconnectionDelayMax: RECONNECT_MAX_MS,
      });
      socket.on('connect', handlers.onConnect);
      const opened = socket;
      const reconnect = () => socket === opened && opened.connect();
      opened.on('disconnect', (reason) => {
        handlers.onDisconnect();
        // The client reconnects by itself but for this reason: the server closed, perhaps only to be replaced.
        if (reason === 'io server disconnect') setTimeout(reconnect, RECONNECT_SERVER_MS);
      });
      opened.on('connect_error', (error) => {
        if (SESSION_REFUSALS.has(error.message))
          handlers.onNotice({ code: 'session_ended', message: 'Sign in again.' });
        // Refused by the server rather than not reached: the client does not try again by itself.
        else if (!opened.active) setTimeout(reconnect, RECONNECT_MAX_MS);
      });
      socket.on('snapshot', handlers.onSnapshot);
      socket.on('delta', handlers.onDelta);
      socket.on('notice', handlers.onNotice);
    },
    async subscribe(message) {
      try {
        if (socket) return await socket.timeout(ACK_TIMEOUT_MS).emitWithAck('subscribe', message);
      } catch {
        // Told below: no answer in time and no connection are the same to whoever asked.
      }
      return { ok: false, code: 'unavailable', message: 'The server did not answer within 10 s.' };
    },
    unsubscribe(id) {
      socket?.emit('unsubscribe', { id });
    },
    close() {
      socket?.removeAllListeners();
      socket?.disconnect();
      socket = null;
    },
  };
}
