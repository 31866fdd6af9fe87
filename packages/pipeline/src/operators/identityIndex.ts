import { requireSection, type Section, type SnapshotSink, type SnapshotSource, u32 } from '../state/index.ts';

const CHUNK_BITS = 15;
const CHUNK = 1 << CHUNK_BITS;
/** Words per entry: four of the UUID, two of the timestamp, workspace, unused. */
const WORDS = 8;
const NONE = 0xffffffff;

export type Sighting = 'new' | 'duplicate' | 'reused';

interface Chunk {
  readonly words: Uint32Array;
  count: number;
  /** Newest timestamp in it: when that has left the horizon, the whole chunk has. */
  maxTimestampMs: number;
  sealedAs: string | null;
}

/**
 * Remembers event identities (workspace, id, timestamp), exactly, for as long as their timestamp is within a
 * horizon of the watermark. An arena of entries in order of arrival, and a hash table of entry numbers beside it:
 * a checkpoint writes the arena's new part, expiry drops whole chunks.
 */
export class IdentityIndex {
  readonly #horizonMs: number;
  readonly #kind: string;
  #chunks: Chunk[] = [];
  /** Number of the first entry of `#chunks[0]`; counted anew before entry numbers reach {@link NONE}. */
  #base = 0;
  #table = new Uint32Array(1 << 12).fill(NONE);
  #mask = (1 << 12) - 1;
  #live = 0;

  constructor(kind: string, horizonMs: number) {
    this.#kind = kind;
    this.#horizonMs = horizonMs;
  }

  get size(): number {
    return this.#live;
  }

  /**
   * Looks the identity up and remembers it if it is new. Entries older than `watermarkMs - horizon` count as
   * never seen, whether they have been dropped yet or not: the answer depends on the log alone.
   */
  see(
    workspace: number,
    a: number,
    b: number,
    c: number,
    d: number,
    timestampMs: number,
    watermarkMs: number,
  ): Sighting {
    const mask = this.#mask;
    const oldestMs = watermarkMs - this.#horizonMs;
    let i = hash(a, b, c, d, workspace) & mask;
    for (;;) {
      const entry = this.#table[i] as number;
      if (entry === NONE) break;
      const chunk = this.#chunkOf(entry);
      const at = (entry & (CHUNK - 1)) * WORDS;
      const w = chunk.words;
      if (w[at] === a && w[at + 1] === b && w[at + 2] === c && w[at + 3] === d && w[at + 6] === workspace) {
        const seenMs = timestampAt(w, at);
        if (seenMs >= oldestMs) return seenMs === timestampMs ? 'duplicate' : 'reused';
      }
      i = (i + 1) & mask;
    }
    this.#append(i, workspace, a, b, c, d, timestampMs);
    return 'new';
  }

  #chunkOf(entry: number): Chunk {
    return this.#chunks[(entry - this.#base) >>> CHUNK_BITS] as Chunk;
  }

  #append(i: number, workspace: number, a: number, b: number, c: number, d: number, timestampMs: number): void {
    let index = this.#chunks.length - 1;
    let chunk = this.#chunks[index];
    if (chunk === undefined || chunk.count === CHUNK) {
      chunk = {
        words: new Uint32Array(CHUNK * WORDS),
        count: 0,
        maxTimestampMs: Number.NEGATIVE_INFINITY,
        sealedAs: null,
      };
      this.#chunks.push(chunk);
      index++;
      if (this.#base + this.#chunks.length * CHUNK >= NONE) i = this.#renumber(a, b, c, d, workspace);
    }
    const at = chunk.count * WORDS;
    const w = chunk.words;
    w[at] = a;
    w[at + 1] = b;
    w[at + 2] = c;
    w[at + 3] = d;
    w[at + 4] = Math.floor(timestampMs / 4_294_967_296);
    w[at + 5] = timestampMs >>> 0;
    w[at + 6] = workspace;
    if (timestampMs > chunk.maxTimestampMs) chunk.maxTimestampMs = timestampMs;
    this.#table[i] = this.#base + index * CHUNK + chunk.count;
    chunk.count++;
    if (++this.#live * 2 > this.#mask) this.#rebuild(this.#table.length * 2);
  }

  /** Starts entry numbers at 0 again; returns the free place of the identity in the new table. */
  #renumber(a: number, b: number, c: number, d: number, workspace: number): number {
    this.#base = 0;
    this.#rebuild(this.#table.length);
    let i = hash(a, b, c, d, workspace) & this.#mask;
    while (this.#table[i] !== NONE) i = (i + 1) & this.#mask;
    return i;
  }

  #rebuild(capacity: number): void {
    this.#table = new Uint32Array(capacity).fill(NONE);
    this.#mask = capacity - 1;
    this.#chunks.forEach((chunk, index) => {
      for (let n = 0; n < chunk.count; n++) {
        let i = hashAt(chunk.words, n * WORDS) & this.#mask;
        while (this.#table[i] !== NONE) i = (i + 1) & this.#mask;
        this.#table[i] = this.#base + index * CHUNK + n;
      }
    });
  }

  /** Frees chunks of which every entry has left the horizon. Changes no answer. */
  expire(watermarkMs: number): void {
    const oldestMs = watermarkMs - this.#horizonMs;
    let first = this.#chunks[0];
    while (first !== undefined && first.count === CHUNK && first.maxTimestampMs < oldestMs) {
      for (let n = 0; n < CHUNK; n++) this.#remove(this.#base + n, first.words, n * WORDS);
      this.#live -= CHUNK;
      this.#chunks.shift();
      this.#base += CHUNK;
      first = this.#chunks[0];
    }
  }

  #remove(entry: number, words: Uint32Array, at: number): void {
    const table = this.#table;
    const mask = this.#mask;
    let hole = hashAt(words, at) & mask;
    while (table[hole] !== entry) hole = (hole + 1) & mask;
    for (let i = (hole + 1) & mask; table[i] !== NONE; i = (i + 1) & mask) {
      const other = table[i] as number;
      const home = hashAt(this.#chunkOf(other).words, (other & (CHUNK - 1)) * WORDS) & mask;
      if (((i - home) & mask) < ((i - hole) & mask)) continue;
      table[hole] = other;
      hole = i;
    }
    table[hole] = NONE;
  }

  snapshot(sink: SnapshotSink): void {
    for (const chunk of this.#chunks) {
      if (chunk.sealedAs !== null) {
        sink.keep(chunk.sealedAs);
        continue;
      }
      const section: Section = { name: 'identities', head: {}, columns: [chunk.words.slice(0, chunk.count * WORDS)] };
      const name = sink.write(this.#kind, [section]);
      if (chunk.count === CHUNK) chunk.sealedAs = name;
    }
  }

  static restore(kind: string, horizonMs: number, source: SnapshotSource): IdentityIndex {
    const index = new IdentityIndex(kind, horizonMs);
    for (const name of source.names(kind)) {
      const saved = u32(requireSection(source.read(name), 'identities'), 0);
      const words = new Uint32Array(CHUNK * WORDS);
      words.set(saved);
      const count = saved.length / WORDS;
      let maxTimestampMs = Number.NEGATIVE_INFINITY;
      for (let n = 0; n < count; n++) maxTimestampMs = Math.max(maxTimestampMs, timestampAt(words, n * WORDS));
      index.#chunks.push({ words, count, maxTimestampMs, sealedAs: count === CHUNK ? name : null });
      index.#live += count;
    }
    let capacity = 1 << 12;
    while (capacity < index.#live * 2 + 2) capacity *= 2;
    index.#rebuild(capacity);
    return index;
  }
}

function timestampAt(words: Uint32Array, at: number): number {
  return ((words[at + 4] as number) | 0) * 4_294_967_296 + (words[at + 5] as number);
}

function hash(a: number, b: number, c: number, d: number, workspace: number): number {
  let h = Math.imul(a ^ Math.imul(workspace + 1, 0x9e3779b1), 0x85ebca6b) ^ b;
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35) ^ c;
  h = Math.imul(h ^ (h >>> 13), 0x27d4eb2f) ^ d;
  h = Math.imul(h ^ (h >>> 16), 0x165667b1);
  return (h ^ (h >>> 15)) >>> 0;
}

function hashAt(words: Uint32Array, at: number): number {
  return hash(
    words[at] as number,
    words[at + 1] as number,
    words[at + 2] as number,
    words[at + 3] as number,
    words[at + 6] as number,
  );
}
