import { randomInt } from 'node:crypto';
import { LIVE_PROTOCOL_VERSION, type TopicDelta } from '@ebap/pipeline/contracts';
import { EncodedPayload } from './encodedPayload.ts';
import type { Outlet, Subscriber } from './subscriber.ts';
import type { ChangedKeys, TopicSource } from './topicSource.ts';

export interface RoomOptions {
  readonly name: string;
  readonly source: TopicSource;
  readonly outlet: Outlet;
  readonly nowMs: () => number;
  /** Factor on the source's spacing, above 1 when the process is busy. */
  readonly stretch: () => number;
  /** Told when the source failed, and when it answered again. */
  readonly onHealth: (isHealthy: boolean, error: unknown) => void;
}

/** Changes that come together are read together. */
const GATHER_MS = 15;
const RETRY_MS = 1_000;
const NO_KEYS: ReadonlySet<string> = new Set();
/** Sequences of different rooms must not meet: a client may reconnect to another replica. */
const SEQUENCE_STEP = 2 ** 20;

/**
 * One topic of one workspace for everybody who listens with the same permissions: read once, encoded once, sent at
 * most every `spacingMs`. What happens in between is conflated.
 */
export class LiveRoom {
  readonly name: string;
  readonly #options: RoomOptions;
  readonly #subscribers = new Set<Subscriber>();
  readonly #ready = Promise.withResolvers<void>();
  #isReady = false;
  #sequence = randomInt(2 ** 32) * SEQUENCE_STEP;
  #snapshot: EncodedPayload | null = null;
  #changed: ChangedKeys = null;
  #timer: NodeJS.Timeout | null = null;
  #isRefreshing = false;
  #isClosed = false;
  #lastMs = 0;
  #idleBeats = 0;

  constructor(options: RoomOptions) {
    this.name = options.name;
    this.#options = options;
    this.#ready.promise.catch(() => undefined);
    this.#schedule(0);
  }

  get size(): number {
    return this.#subscribers.size;
  }

  get hotTopic(): string | null {
    return this.#options.source.hotTopic;
  }

  /** Resolves when there is something to show. @throws AppError `unavailable` if the first read failed. */
  ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Adds a listener; it gets a snapshot unless it already has what is the newest. After {@link ready}. */
  join(subscriber: Subscriber, since: number | undefined): void {
    this.#subscribers.add(subscriber);
    if (since !== this.#sequence) this.#sendSnapshot(subscriber);
    this.#options.outlet.open(this.name, subscriber);
  }

  leave(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    this.#options.outlet.close(this.name, subscriber);
  }

  /** The hot store moved. */
  changed(keys: ChangedKeys): void {
    if (keys === null || this.#changed === null) this.#changed = null;
    else this.#changed = new Set([...this.#changed, ...keys]);
    this.#schedule(Math.max(GATHER_MS, this.#spacingMs - (this.#options.nowMs() - this.#lastMs)));
  }

  /** Time went on without news. Returns for how many beats nobody has listened. */
  beat(): number {
    if (this.#options.nowMs() - this.#lastMs >= this.#spacingMs) this.#schedule(0);
    this.#idleBeats = this.#subscribers.size > 0 ? 0 : this.#idleBeats + 1;
    return this.#idleBeats;
  }

  /** A listener that could not follow can again: it starts anew. */
  resume(subscriber: Subscriber): void {
    if (!this.#subscribers.has(subscriber)) return;
    this.#sendSnapshot(subscriber);
    this.#options.outlet.open(this.name, subscriber);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  get #spacingMs(): number {
    return this.#options.source.spacingMs * this.#options.stretch();
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== null || this.#isRefreshing || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#refresh();
    }, delayMs);
  }

  async #refresh(): Promise<void> {
    this.#isRefreshing = true;
    this.#lastMs = this.#options.nowMs();
    const changed = this.#changed;
    this.#changed = NO_KEYS;
    try {
      const news = await this.#options.source.refresh(this.#isReady ? changed : null);
      this.#options.onHealth(true, null);
      if (!this.#isClosed) this.#publish(news);
    } catch (error) {
      this.#changed = null;
      this.#options.onHealth(false, error);
      if (!this.#isReady) this.#ready.reject(error);
    } finally {
      this.#isRefreshing = false;
    }
    if (this.#changed === null || this.#changed.size > 0)
      this.#schedule(this.#changed === null ? RETRY_MS : this.#spacingMs);
  }

  #publish(news: TopicDelta | 'snapshot' | null): void {
    const isFirst = !this.#isReady;
    if (news === null && !isFirst) return;
    const previous = this.#sequence;
    this.#sequence++;
    this.#snapshot = null;
    this.#isReady = true;
    this.#ready.resolve();
    if (isFirst) return;
    if (news === 'snapshot') for (const subscriber of this.#subscribers) this.#sendSnapshot(subscriber);
    else if (news !== null) {
      const delta = { v: LIVE_PROTOCOL_VERSION, sequence: this.#sequence, previous, payload: new EncodedPayload(news) };
      this.#options.outlet.broadcast(this.name, this.#subscribers, delta);
    }
  }

  #sendSnapshot(subscriber: Subscriber): void {
    this.#snapshot ??= new EncodedPayload(this.#options.source.snapshot());
    subscriber.sendSnapshot({
      v: LIVE_PROTOCOL_VERSION,
      id: subscriber.id,
      sequence: this.#sequence,
      payload: this.#snapshot,
    });
  }
}
