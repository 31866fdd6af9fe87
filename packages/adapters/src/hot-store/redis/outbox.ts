import type { HotChange } from '@ebap/pipeline/ports';

/** More keys than this wait as "any may have changed". */
const MAX_WAITING_KEYS = 4_096;

interface Waiting {
  sequence: number;
  keys: Set<string> | null;
}

/**
 * What one subscriber is to be told: at most one change per topic waits, however long the process is busy with
 * something else.
 */
export class Outbox {
  readonly #prefix: string;
  readonly #onChange: (change: HotChange) => void;
  #waiting = new Map<string, Waiting>();
  #scheduled: NodeJS.Immediate | null = null;

  constructor(prefix: string, onChange: (change: HotChange) => void) {
    this.#prefix = prefix;
    this.#onChange = onChange;
  }

  put({ topic, sequence, keys }: HotChange): void {
    if (!topic.startsWith(this.#prefix)) return;
    const waiting = this.#waiting.get(topic) ?? { sequence, keys: new Set() };
    waiting.sequence = sequence;
    if (keys === null) waiting.keys = null;
    else for (const key of keys) waiting.keys?.add(key);
    if (waiting.keys !== null && waiting.keys.size > MAX_WAITING_KEYS) waiting.keys = null;
    this.#waiting.set(topic, waiting);
    this.#scheduled ??= setImmediate(() => this.#deliver());
  }

  close(): void {
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    this.#waiting.clear();
  }

  #deliver(): void {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    this.#scheduled = null;
    for (const [topic, { sequence, keys }] of waiting)
      told(this.#onChange, { topic, sequence, keys: keys === null ? null : [...keys] });
  }
}

/** A subscriber that throws has a fault of its own: it must surface, and must not stop what others are told. */
function told(onChange: (change: HotChange) => void, change: HotChange): void {
  try {
    onChange(change);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
