import type { SubscribeAck, SubscribeMessage } from '@ebap/pipeline/contracts';
import { isAppError } from '@ebap/pipeline/errors';
import type { Principal } from '../../src/server/session/principal.ts';
import { TokenBuckets } from '../ingest/tokenBucket.ts';
import type { LiveHub } from './hub.ts';
import type { LiveRoom } from './room.ts';
import type { SocketRefusals } from './socketRefusals.ts';
import type { LiveSocket, Subscriber } from './subscriber.ts';
import { parseSubscribe, TOPIC_PERMISSIONS } from './topicSchema.ts';

const MAX_SUBSCRIPTIONS = 32;
/** Subscriptions per second and socket: a page opens all its panels at once, and then hardly any. */
const SUBSCRIBE_RATE = { perSecond: 10, burst: 100 };

interface Held {
  readonly subscriber: Subscriber;
  readonly topicKind: SubscribeMessage['topic']['kind'];
  /** Null until the room is ready. */
  room: LiveRoom | null;
}

export interface ConnectionServices {
  readonly hub: LiveHub;
  readonly refusals: SocketRefusals;
  readonly onFault: (error: unknown, where: string) => void;
}

type Refusal = Extract<SubscribeAck, { ok: false }>;

/** What one socket listens to, and whether it still may. */
export class LiveConnection {
  readonly #socket: LiveSocket;
  readonly #hub: LiveHub;
  readonly #refusals: SocketRefusals;
  readonly #onFault: ConnectionServices['onFault'];
  readonly #held = new Map<string, Held>();
  readonly #rate = new TokenBuckets(SUBSCRIBE_RATE, Date.now);
  #principal: Principal;

  constructor(socket: LiveSocket, principal: Principal, { hub, refusals, onFault }: ConnectionServices) {
    this.#socket = socket;
    this.#principal = principal;
    this.#hub = hub;
    this.#refusals = refusals;
    this.#onFault = onFault;
    socket.on('subscribe', (message, acknowledge) => {
      void this.#subscribe(message, (ack) => {
        if (typeof acknowledge === 'function') acknowledge(ack);
      });
    });
    socket.on('unsubscribe', (message) => this.#unsubscribe(message));
  }

  get workspaceId(): string {
    return this.#principal.workspace.id;
  }

  /** Takes in what session and roles are now; null = the session is over. */
  refreshed(principal: Principal | null): void {
    if (principal === null || principal.workspace.id !== this.workspaceId) {
      this.#socket.emit('notice', { code: 'session_ended', message: 'The session has ended: sign in again.' });
      this.close();
      this.#socket.disconnect(true);
      return;
    }
    this.#principal = principal;
    for (const [id, held] of this.#held) {
      if (this.#may(held.topicKind)) continue;
      this.#drop(id);
      this.#socket.emit('notice', { code: 'forbidden', message: 'Your role no longer opens part of this page.' });
    }
  }

  close(): void {
    for (const id of [...this.#held.keys()]) this.#drop(id);
  }

  async #subscribe(value: unknown, acknowledge: (ack: SubscribeAck) => void): Promise<void> {
    // Before anything else: also what is malformed costs the reading.
    if (this.#rate.take('subscribe', 1) > 0) return acknowledge(tooMany());
    const parsed = parseSubscribe(value);
    if (!parsed.ok) return acknowledge(refusal('bad_request', parsed.message));
    const { message } = parsed;
    const { id, topic } = message;
    if (!this.#may(topic.kind)) {
      this.#refusals.topic(this.#principal, topic.kind);
      return acknowledge(refusal('forbidden', 'Your role does not open this.'));
    }
    this.#drop(id);
    if (this.#held.size >= MAX_SUBSCRIPTIONS) return acknowledge(tooMany());
    const socket = this.#socket;
    const subscriber: Subscriber = { id, socket, sendSnapshot: (snapshot) => socket.emit('snapshot', snapshot) };
    const held: Held = { subscriber, topicKind: topic.kind, room: null };
    this.#held.set(id, held);
    try {
      const room = await this.#hub.room(this.workspaceId, topic, this.#principal.permissions);
      if (this.#held.get(id) !== held) return acknowledge({ ok: true }); // left while the room was read
      held.room = room;
      acknowledge({ ok: true });
      room.join(subscriber, message.since);
    } catch (error) {
      if (this.#held.get(id) === held) this.#held.delete(id);
      acknowledge(this.#failure(error));
    }
  }

  #failure(error: unknown): Refusal {
    if (isAppError(error, 'rate_limited')) return refusal('too_many', error.message);
    if (!isAppError(error)) this.#onFault(error, 'subscribe');
    return refusal('unavailable', 'Live numbers can not be read at the moment.');
  }

  #unsubscribe(message: unknown): void {
    const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : null;
    if (typeof id === 'string') this.#drop(id);
  }

  #drop(id: string): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    if (held.room !== null) this.#hub.leave(held.room, held.subscriber);
  }

  #may(kind: SubscribeMessage['topic']['kind']): boolean {
    return this.#principal.permissions.includes(TOPIC_PERMISSIONS[kind]);
  }
}

function tooMany(): Refusal {
  return refusal('too_many', 'Too many subscriptions on one connection.');
}

function refusal(code: Refusal['code'], message: string): Refusal {
  return { ok: false, code, message };
}
