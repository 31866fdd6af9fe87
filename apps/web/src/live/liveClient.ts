import {
  type DeltaMessage,
  LIVE_PROTOCOL_VERSION,
  type LiveTopic,
  type NoticeMessage,
  type SnapshotMessage,
  type SubscribeAck,
  type SubscribeMessage,
} from '@ebap/pipeline/contracts';
import { applyDelta, applySnapshot, type TopicView } from './topicState.ts';

/** What a panel knows about its topic. `at` times are the browser's clock, ms. */
export interface TopicState {
  readonly view: TopicView | null;
  /** When the newest message came. */
  readonly receivedAtMs: number | null;
  /** Why there is no (newer) data; null while all is well. */
  readonly refusal: TopicRefusal | null;
}

export interface TopicRefusal {
  readonly code: Extract<SubscribeAck, { ok: false }>['code'];
  readonly message: string;
}

export interface ConnectionState {
  readonly isConnected: boolean;
  /** The newest notice of the server, until it is taken back. */
  readonly notice: NoticeMessage | null;
}

/** Carries messages; reconnects by itself and says so. */
export interface LiveTransport {
  open(handlers: {
    onConnect(): void;
    onDisconnect(): void;
    onSnapshot(message: SnapshotMessage): void;
    onDelta(message: DeltaMessage): void;
    onNotice(message: NoticeMessage): void;
  }): void;
  subscribe(message: SubscribeMessage): Promise<SubscribeAck>;
  unsubscribe(id: string): void;
  close(): void;
}

/** What the client needs from its surroundings, so that tests own time. */
export interface LiveClientRuntime {
  readonly nowMs: () => number;
  /** Calls back soon, at most once per painted frame. */
  readonly onNextFrame: (callback: () => void) => void;
  readonly after: (delayMs: number, callback: () => void) => void;
}

/** A topic that could not be read is asked for again by itself. */
const RETRY_MS = 5_000;

interface Subscription {
  readonly id: string;
  readonly topic: LiveTopic;
  readonly listeners: Set<() => void>;
  sequence: number | null;
  state: TopicState;
}

const NOTHING: TopicState = { view: null, receivedAtMs: null, refusal: null };

/**
 * Keeps the newest state of every topic that somebody on the page looks at. Each topic is subscribed once however many
 * panels use it; gaps and reconnects are healed here; listeners hear at most once per frame.
 */
export class LiveClient {
  readonly #transport: LiveTransport;
  readonly #runtime: LiveClientRuntime;
  readonly #byKey = new Map<string, Subscription>();
  readonly #byId = new Map<string, Subscription>();
  readonly #connectionListeners = new Set<() => void>();
  readonly #changed = new Set<Subscription>();
  #connection: ConnectionState = { isConnected: false, notice: null };

  constructor(transport: LiveTransport, runtime: LiveClientRuntime) {
    this.#transport = transport;
    this.#runtime = runtime;
  }

  /** Opens the transport. Call once, in the browser. */
  start(): void {
    this.#transport.open({
      onConnect: () => {
        this.#setConnection({ ...this.#connection, isConnected: true });
        for (const subscription of this.#byKey.values()) void this.#subscribe(subscription);
      },
      onDisconnect: () => this.#setConnection({ ...this.#connection, isConnected: false }),
      onSnapshot: (message) => this.#onSnapshot(message),
      onDelta: (message) => this.#onDelta(message),
      onNotice: (notice) =>
        this.#setConnection({ ...this.#connection, notice: notice.code === 'recovered' ? null : notice }),
    });
  }

  stop(): void {
    this.#transport.close();
    this.#setConnection({ isConnected: false, notice: null });
  }

  /** Holds a topic while the returned function is not called; the last to leave ends the subscription. */
  watch(topic: LiveTopic, listener: () => void): () => void {
    const key = topicKey(topic);
    let subscription = this.#byKey.get(key);
    if (!subscription) {
      subscription = { id: topicId(topic), topic, listeners: new Set(), sequence: null, state: NOTHING };
      this.#byKey.set(key, subscription);
      this.#byId.set(subscription.id, subscription);
      if (this.#connection.isConnected) void this.#subscribe(subscription);
    }
    const held = subscription;
    held.listeners.add(listener);
    return () => {
      held.listeners.delete(listener);
      if (held.listeners.size > 0) return;
      this.#byKey.delete(key);
      this.#byId.delete(held.id);
      if (this.#connection.isConnected) this.#transport.unsubscribe(held.id);
    };
  }

  /** The newest state of a topic; the same object until something changes. */
  state(topic: LiveTopic): TopicState {
    return this.#byKey.get(topicKey(topic))?.state ?? NOTHING;
  }

  /** Asks again for a topic that was refused. */
  retry(topic: LiveTopic): void {
    const subscription = this.#byKey.get(topicKey(topic));
    if (subscription && this.#connection.isConnected) void this.#resubscribe(subscription);
  }

  get connection(): ConnectionState {
    return this.#connection;
  }

  watchConnection(listener: () => void): () => void {
    this.#connectionListeners.add(listener);
    return () => this.#connectionListeners.delete(listener);
  }

  async #subscribe(subscription: Subscription): Promise<void> {
    const ack = await this.#transport.subscribe({
      v: LIVE_PROTOCOL_VERSION,
      id: subscription.id,
      topic: subscription.topic,
      ...(subscription.sequence !== null && { since: subscription.sequence }),
    });
    if (this.#byId.get(subscription.id) !== subscription) return;
    const refusal = ack.ok ? null : { code: ack.code, message: ack.message };
    if (refusal !== subscription.state.refusal) this.#update(subscription, { ...subscription.state, refusal });
    if (refusal?.code === 'unavailable' || refusal?.code === 'too_many') this.#retryLater(subscription, refusal);
  }

  #retryLater(subscription: Subscription, refusal: TopicRefusal): void {
    this.#runtime.after(RETRY_MS, () => {
      const isStillRefused = this.#byId.get(subscription.id) === subscription && subscription.state.refusal === refusal;
      if (isStillRefused && this.#connection.isConnected) void this.#subscribe(subscription);
    });
  }

  /** From the start: what is held no longer fits what comes. */
  async #resubscribe(subscription: Subscription): Promise<void> {
    subscription.sequence = null;
    this.#transport.unsubscribe(subscription.id);
    await this.#subscribe(subscription);
  }

  #onSnapshot(message: SnapshotMessage): void {
    const subscription = this.#byId.get(message.id);
    if (!subscription) return;
    const nowMs = this.#runtime.nowMs();
    subscription.sequence = message.sequence;
    const view = applySnapshot(subscription.state.view, message.payload, nowMs);
    this.#update(subscription, { view, receivedAtMs: nowMs, refusal: null });
  }

  #onDelta(message: DeltaMessage): void {
    const subscription = this.#byId.get(message.id);
    // Deltas sent before a resubscription was heard have no sequence to follow: the snapshot is on its way.
    if (!subscription || subscription.sequence === null) return;
    const nowMs = this.#runtime.nowMs();
    const before = subscription.state.view;
    const view =
      message.previous === subscription.sequence && before ? applyDelta(before, message.payload, nowMs) : null;
    if (!view) {
      void this.#resubscribe(subscription);
      return;
    }
    subscription.sequence = message.sequence;
    this.#update(subscription, { view, receivedAtMs: nowMs, refusal: null });
  }

  #update(subscription: Subscription, state: TopicState): void {
    subscription.state = state;
    if (this.#changed.size === 0) this.#runtime.onNextFrame(() => this.#notify());
    this.#changed.add(subscription);
  }

  #notify(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const subscription of changed) for (const listener of subscription.listeners) listener();
  }

  #setConnection(connection: ConnectionState): void {
    this.#connection = connection;
    for (const listener of this.#connectionListeners) listener();
  }
}

/** The same for topics that mean the same, whatever the order of their fields. */
export function topicKey(topic: LiveTopic): string {
  return JSON.stringify(topic, (_, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/**
 * A topic's subscription id. All browsers choose the same for the same topic, so that the server frames a message once
 * for all of them.
 */
export function topicId(topic: LiveTopic): string {
  // FNV-1a in two lanes (http://www.isthe.com/chongo/tech/comp/fnv): short, and far from ever meeting on one page.
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (const character of topicKey(topic)) {
    const code = character.codePointAt(0) ?? 0;
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ (code + 0x9e37), 0x01000193);
  }
  const hex = (lane: number) => (lane >>> 0).toString(16).padStart(8, '0');
  return `${topic.kind}-${hex(high)}${hex(low)}`;
}
