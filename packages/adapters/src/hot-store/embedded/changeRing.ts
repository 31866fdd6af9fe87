import type { Table } from '../../lmdb/index.ts';

/** One flush as subscribers learn of it: topic, its new sequence, the keys that changed (null: too many to list). */
export type RingEntry = readonly [topic: string, sequence: number, keys: readonly string[] | null];

/** Flushes that the ring remembers; a subscriber further behind is told to read everything. */
export const RING_FLUSHES = 1_024;
const MAX_LISTED_KEYS = 4_096;
const NEWEST_KEY = Buffer.from('ring-newest');

/** The change feed's rows: a sequence per topic and a bounded ring of the latest flushes' keys. */
export class ChangeRing {
  readonly #meta: Table;
  readonly #ring: Table;
  readonly #sequences: Table;

  constructor(tables: { meta: Table; ring: Table; sequences: Table }) {
    this.#meta = tables.meta;
    this.#ring = tables.ring;
    this.#sequences = tables.sequences;
  }

  /** Number of the newest flush with changes; 0 when there was none. */
  newest(): number {
    return this.#meta.getBinaryFast(NEWEST_KEY)?.readDoubleLE(0) ?? 0;
  }

  sequence(topic: string): number {
    return this.#sequences.getBinaryFast(Buffer.from(topic))?.readDoubleLE(0) ?? 0;
  }

  /** The sequences of all topics that start with `prefix`. */
  sequences(prefix: string): Map<string, number> {
    const found = new Map<string, number>();
    const options = prefix === '' ? {} : { start: Buffer.from(prefix) };
    for (const { key, value } of this.#sequences.getRange(options)) {
      const topic = Buffer.from(key).toString('utf8');
      if (!topic.startsWith(prefix)) break;
      found.set(topic, value.readDoubleLE(0));
    }
    return found;
  }

  /** Runs inside the write transaction of the flush. */
  append(changes: readonly { readonly topic: string; readonly keys: readonly string[] }[]): void {
    if (changes.length === 0) return;
    const keysByTopic = new Map<string, Set<string>>();
    for (const { topic, keys } of changes) {
      const known = keysByTopic.get(topic) ?? new Set();
      for (const key of keys) known.add(key);
      keysByTopic.set(topic, known);
    }
    const entries: RingEntry[] = [];
    for (const [topic, keys] of keysByTopic) {
      const sequence = this.sequence(topic) + 1;
      this.#sequences.putSync(Buffer.from(topic), float64(sequence));
      entries.push([topic, sequence, keys.size > MAX_LISTED_KEYS ? null : [...keys]]);
    }
    const newest = this.newest() + 1;
    this.#ring.putSync(ringKey(newest), Buffer.from(JSON.stringify(entries)));
    if (newest > RING_FLUSHES) this.#ring.removeSync(ringKey(newest - RING_FLUSHES));
    this.#meta.putSync(NEWEST_KEY, float64(newest));
  }

  /** The flushes after `seen` up to `newest`, or null when the ring no longer holds them all. */
  since(seen: number, newest: number): readonly RingEntry[] | null {
    if (newest < seen || newest - seen > RING_FLUSHES) return null;
    const entries: RingEntry[] = [];
    for (let number = seen + 1; number <= newest; number += 1) {
      const row = this.#ring.getBinary(ringKey(number));
      if (row === undefined) return null;
      entries.push(...parseEntries(row));
    }
    return entries;
  }
}

/** Written by {@link ChangeRing.append} alone, in this format; the environment's format row guards its version. */
function parseEntries(row: Buffer): readonly RingEntry[] {
  return JSON.parse(row.toString('utf8')) as readonly RingEntry[];
}

function ringKey(number: number): Buffer {
  const key = Buffer.allocUnsafe(8);
  key.writeBigUInt64BE(BigInt(number), 0);
  return key;
}

function float64(value: number): Buffer {
  const row = Buffer.allocUnsafe(8);
  row.writeDoubleLE(value, 0);
  return row;
}
