import type { HotChange } from '@ebap/pipeline/ports';
import type { Environment } from '../../lmdb/index.ts';
import type { ChangeRing } from './changeRing.ts';

const FASTEST_POLL_MS = 3;
const SLOWEST_POLL_MS = 10;
const BACK_OFF = 1.2;

interface Subscription {
  readonly prefix: string;
  readonly onChange: (change: HotChange) => void;
  /** Newest sequence told, per topic: after a gap it says which topics moved. */
  readonly told: Map<string, number>;
}

/** Follows the ring for all subscriptions of one handle: one small row is polled, flushes of this process wake it. */
export class ChangeFeed {
  readonly #environment: Environment;
  readonly #ring: ChangeRing;
  readonly #subscriptions = new Set<Subscription>();
  #seen = 0;
  #pollMs = FASTEST_POLL_MS;
  #timer: NodeJS.Timeout | undefined;

  constructor(environment: Environment, ring: ChangeRing) {
    this.#environment = environment;
    this.#ring = ring;
  }

  /** Every flush that commits after this returned is told. */
  subscribe(prefix: string, onChange: (change: HotChange) => void): () => void {
    this.poll();
    if (this.#subscriptions.size === 0) {
      this.#environment.refresh();
      this.#seen = this.#ring.newest();
    }
    const subscription: Subscription = { prefix, onChange, told: this.#ring.sequences(prefix) };
    this.#subscriptions.add(subscription);
    this.#schedule();
    return () => {
      this.#subscriptions.delete(subscription);
      if (this.#subscriptions.size === 0) this.#stop();
    };
  }

  /** Looks for new flushes now and tells the subscribers. */
  poll(): void {
    if (this.#subscriptions.size === 0) return;
    this.#environment.refresh();
    const newest = this.#ring.newest();
    if (newest === this.#seen) {
      this.#pollMs = Math.min(SLOWEST_POLL_MS, this.#pollMs * BACK_OFF);
      return;
    }
    this.#pollMs = FASTEST_POLL_MS;
    const entries = this.#ring.since(this.#seen, newest);
    this.#seen = newest;
    const told: [Subscription, HotChange][] = [];
    for (const subscription of this.#subscriptions) {
      const changes = entries === null ? this.#afterGap(subscription) : merged(subscription.prefix, entries);
      for (const change of changes) {
        subscription.told.set(change.topic, change.sequence);
        told.push([subscription, change]);
      }
    }
    for (const [subscription, change] of told) deliver(subscription.onChange, change);
  }

  close(): void {
    this.#subscriptions.clear();
    this.#stop();
  }

  #afterGap(subscription: Subscription): readonly HotChange[] {
    const changes: HotChange[] = [];
    for (const [topic, sequence] of this.#ring.sequences(subscription.prefix)) {
      if (sequence !== subscription.told.get(topic)) changes.push({ topic, sequence, keys: null });
    }
    return changes;
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.poll();
      if (this.#subscriptions.size > 0) this.#schedule();
    }, this.#pollMs);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** One change per topic: newest sequence, all keys of the merged flushes. */
function merged(
  prefix: string,
  entries: readonly (readonly [string, number, readonly string[] | null])[],
): readonly HotChange[] {
  const byTopic = new Map<string, { sequence: number; keys: Set<string> | null }>();
  for (const [topic, sequence, keys] of entries) {
    if (!topic.startsWith(prefix)) continue;
    const known = byTopic.get(topic) ?? { sequence, keys: new Set<string>() };
    known.sequence = sequence;
    if (keys === null) known.keys = null;
    else for (const key of keys) known.keys?.add(key);
    byTopic.set(topic, known);
  }
  return [...byTopic].map(([topic, { sequence, keys }]) => ({
    topic,
    sequence,
    keys: keys === null ? null : [...keys],
  }));
}

/** A subscriber that throws has a fault of its own: it must surface, and must not stop the feed of the others. */
function deliver(onChange: (change: HotChange) => void, change: HotChange): void {
  try {
    onChange(change);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
