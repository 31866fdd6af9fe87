import type {
  DeltaMessage,
  NoticeMessage,
  SnapshotMessage,
  SubscribeAck,
  UnsubscribeMessage,
} from '@ebap/pipeline/contracts';
import type { Server, Socket } from 'socket.io';
import type { EncodedPayload } from './encodedPayload.ts';

type Encoded<Message> = Omit<Message, 'payload'> & { readonly payload: EncodedPayload };

export interface ServerEvents {
  snapshot(message: Encoded<SnapshotMessage>): void;
  delta(message: Encoded<DeltaMessage>): void;
  notice(message: NoticeMessage): void;
}

export interface ClientEvents {
  subscribe(message: unknown, acknowledge?: (ack: SubscribeAck) => void): void;
  unsubscribe(message: UnsubscribeMessage): void;
}

type NoEvents = Record<string, never>;
export type LiveServer = Server<ClientEvents, ServerEvents, NoEvents, NoEvents>;
export type LiveSocket = Socket<ClientEvents, ServerEvents, NoEvents, NoEvents>;

/** One subscription of one socket. */
export interface Subscriber {
  /** Chosen by the client. */
  readonly id: string;
  readonly socket: LiveSocket;
  sendSnapshot(message: Encoded<SnapshotMessage>): void;
}

export type DeltaBody = Omit<Encoded<DeltaMessage>, 'id'>;

/** Packets that may wait for a socket before it counts as slow. */
const MAX_WAITING_PACKETS = 8;

/**
 * Sends to many sockets at once. Subscriptions of one room with the same client-chosen id form a group: a message is
 * framed once per group. A socket whose packets pile up is left out until it has drained, then starts anew with a
 * snapshot: what it missed is conflated, not kept.
 */
export class Outlet {
  readonly #io: LiveServer;
  readonly #onDrained: (subscriber: Subscriber, roomName: string) => void;
  readonly #waiting = new WeakMap<LiveSocket, Map<Subscriber, string>>();
  /** Packets given to the connection since it last took all it had. */
  readonly #backlogs = new WeakMap<LiveSocket, { packets: number }>();
  #slowdowns = 0;

  constructor(io: LiveServer, onDrained: (subscriber: Subscriber, roomName: string) => void) {
    this.#io = io;
    this.#onDrained = onDrained;
  }

  /** How often a socket was too slow to follow. */
  get slowdowns(): number {
    return this.#slowdowns;
  }

  open(roomName: string, { socket, id }: Subscriber): void {
    void socket.join(groupName(roomName, id));
  }

  close(roomName: string, subscriber: Subscriber): void {
    void subscriber.socket.leave(groupName(roomName, subscriber.id));
    this.#waiting.get(subscriber.socket)?.delete(subscriber);
  }

  broadcast(roomName: string, subscribers: Iterable<Subscriber>, body: DeltaBody): void {
    const ids = new Set<string>();
    for (const subscriber of subscribers) {
      if (this.#isSlow(roomName, subscriber)) continue;
      ids.add(subscriber.id);
    }
    for (const id of ids) this.#io.to(groupName(roomName, id)).emit('delta', { ...body, id });
  }

  #isSlow(roomName: string, subscriber: Subscriber): boolean {
    const { socket } = subscriber;
    const waiting = this.#waiting.get(socket);
    if (waiting?.has(subscriber)) return true;
    if (this.#backlogOf(socket) <= MAX_WAITING_PACKETS) return false;
    this.#slowdowns++;
    void socket.leave(groupName(roomName, subscriber.id));
    if (waiting !== undefined) waiting.set(subscriber, roomName);
    else this.#wait(socket, new Map([[subscriber, roomName]]));
    return true;
  }

  #backlogOf(socket: LiveSocket): number {
    const known = this.#backlogs.get(socket);
    if (known !== undefined) return known.packets;
    const backlog = { packets: 0 };
    this.#backlogs.set(socket, backlog);
    socket.conn.on('packetCreate', () => backlog.packets++);
    socket.conn.on('flush', () => {
      backlog.packets = 0;
    });
    return 0;
  }

  #wait(socket: LiveSocket, waiting: Map<Subscriber, string>): void {
    this.#waiting.set(socket, waiting);
    socket.conn.once('drain', () => {
      this.#waiting.delete(socket);
      if (socket.connected) for (const [subscriber, roomName] of waiting) this.#onDrained(subscriber, roomName);
    });
  }
}

function groupName(roomName: string, id: string): string {
  return `${roomName}\n${id}`;
}
