import { requireSection, type Section, type SnapshotSink, type SnapshotSource, u32 } from '../state/index.ts';

const CHUNK_BITS = 15;
const CHUNK = 1 << CHUNK_BITS;
/** Words per entry: four of the UUID, two of the timestamp, workspace, unused. */
const WORDS = 8;
const NONE = 0xffffffff;
const MAX_ENTRIES = 0x7fffffff;

export type Sighting = 'new' | 'duplicate' | 'reused';

/** An event's identity: workspace number, the UUID's four words, timestamp in ms. */
export interface Identity {
  readonly workspace: number;
  readonly id0: number;
  readonly id1: number;
  readonly id2: number;
  readonly id3: number;
  readonly timestampMs: number;
}

interface Chunk {
  readonly words: Uint32Array;
  count: number;
  /** Newest timestamp in it: when that has left the horizon, the whole chunk has. */
  maxTimestampMs: number;
  sealedAs: string | null;
}

interface Lane {
  readonly horizonMs: number;
  readonly kind: string;
  chunks: Chunk[];
  /** Number of the first entry of `chunks[0]`; counted anew before entry numbers run out. */
  base: number;
}

/**
 * Remembers event identities exactly, each for as long as its timestamp is within its lane's horizon of the
 * watermark. Per lane an arena of entries in order of arrival, and one hash table of entry numbers over all: a
 * checkpoint writes the arenas' new parts, expiry drops whole chunks.
 */
export class IdentityIndex {
  readonly #lanes: readonly Lane[];
  #table = new Uint32Array(1 << 12).fill(NONE);
  #mask = (1 << 12) - 1;
  #live = 0;

  /** One lane per horizon, at most two. */
  constructor(horizonsMs: readonly number[]) {
    this.#lanes = horizonsMs.map((horizonMs, lane) => ({ horizonMs, kind: `identities-${lane}`, chunks: [], base: 0 }));
  }

  get size(): number {
    return this.#live;
  }

  /**
   * Looks the identity up; if it is not remembered and `lane` is ≥ 0, remembers it there. Entries whose timestamp
   * lies before `watermarkMs - horizon` of their lane count as forgotten, whether they have been dropped yet or
   * not: the answer depends on the log alone.
   */
  see(identity: Identity, watermarkMs: number, lane: number): Sighting {
    const { id0, id1, id2, id3, workspace, timestampMs } = identity;
    const mask = this.#mask;
    let i = hash(id0, id1, id2, id3, workspace) & mask;
    for (;;) {
      const entry = this.#table[i] as number;
      if (entry === NONE) break;
      const owner = this.#lanes[entry & 1] as Lane;
      const number = entry >>> 1;
      const w = (owner.chunks[(number - owner.base) >>> CHUNK_BITS] as Chunk).words;
      const at = (number & (CHUNK - 1)) * WORDS;
      if (w[at] === id0 && w[at + 1] === id1 && w[at + 2] === id2 && w[at + 3] === id3 && w[at + 6] === workspace) {
        const seenMs = timestampAt(w, at);
        if (seenMs >= watermarkMs - owner.horizonMs) return seenMs === timestampMs ? 'duplicate' : 'reused';
      }
      i = (i + 1) & mask;
    }
    if (lane >= 0) this.#append(identity, lane);
    return 'new';
  }

  #append(identity: Identity, laneNumber: number): void {
    const lane = this.#lanes[laneNumber] as Lane;
    const chunk = this.#openChunk(lane);
    const at = chunk.count * WORDS;
    const w = chunk.words;
    w[at] = identity.id0;
    w[at + 1] = identity.id1;
    w[at + 2] = identity.id2;
    w[at + 3] = identity.id3;
    w[at + 4] = Math.floor(identity.timestampMs / 4_294_967_296);
    w[at + 5] = identity.timestampMs >>> 0;
    w[at + 6] = identity.workspace;
    if (identity.timestampMs > chunk.maxTimestampMs) chunk.maxTimestampMs = identity.timestampMs;
    const number = lane.base + (lane.chunks.length - 1) * CHUNK + chunk.count++;
    this.#place(w, at, number * 2 + laneNumber);
    if (++this.#live * 2 > this.#mask) this.#rebuild(this.#table.length * 2);
  }

  #openChunk(lane: Lane): Chunk {
    const last = lane.chunks[lane.chunks.length - 1];
    if (last !== undefined && last.count < CHUNK) return last;
    const chunk = {
      words: new Uint32Array(CHUNK * WORDS),
      count: 0,
      maxTimestampMs: Number.NEGATIVE_INFINITY,
      sealedAs: null,
    };
    lane.chunks.push(chunk);
    if (lane.base + lane.chunks.length * CHUNK >= MAX_ENTRIES) {
      lane.base = 0;
      this.#rebuild(this.#table.length);
    }
    return chunk;
  }

  #place(words: Uint32Array, at: number, entry: number): void {
    let i = hashAt(words, at) & this.#mask;
    while (this.#table[i] !== NONE) i = (i + 1) & this.#mask;
    this.#table[i] = entry;
  }

  #rebuild(capacity: number): void {
    this.#table = new Uint32Array(capacity).fill(NONE);
    this.#mask = capacity - 1;
    this.#lanes.forEach((lane, l) => {
      lane.chunks.forEach((chunk, c) => {
        for (let n = 0; n < chunk.count; n++) this.#place(chunk.words, n * WORDS, (lane.base + c * CHUNK + n) * 2 + l);
      });
    });
  }

  /** Frees chunks of which every entry has left its horizon. Changes no answer. */
  expire(watermarkMs: number): void {
    this.#lanes.forEach((lane, l) => {
      for (;;) {
        const first = lane.chunks[0];
        if (first === undefined || first.count < CHUNK || first.maxTimestampMs >= watermarkMs - lane.horizonMs) return;
        for (let n = 0; n < CHUNK; n++) this.#remove((lane.base + n) * 2 + l, first.words, n * WORDS);
        this.#live -= CHUNK;
        lane.chunks.shift();
        lane.base += CHUNK;
      }
    });
  }

  /** Takes an entry out of the table by shifting back what probed past it. */
  #remove(entry: number, words: Uint32Array, at: number): void {
    const table = this.#table;
    const mask = this.#mask;
    let hole = hashAt(words, at) & mask;
    while (table[hole] !== entry) hole = (hole + 1) & mask;
    for (let i = (hole + 1) & mask; table[i] !== NONE; i = (i + 1) & mask) {
      const other = table[i] as number;
      const lane = this.#lanes[other & 1] as Lane;
      const chunk = lane.chunks[((other >>> 1) - lane.base) >>> CHUNK_BITS] as Chunk;
      const home = hashAt(chunk.words, ((other >>> 1) & (CHUNK - 1)) * WORDS) & mask;
      if (((i - home) & mask) < ((i - hole) & mask)) continue;
      table[hole] = other;
      hole = i;
    }
    table[hole] = NONE;
  }

  snapshot(sink: SnapshotSink): void {
    for (const lane of this.#lanes)
      for (const chunk of lane.chunks) {
        if (chunk.sealedAs !== null) {
          sink.keep(chunk.sealedAs);
          continue;
        }
        const section: Section = { name: 'identities', head: {}, columns: [chunk.words.slice(0, chunk.count * WORDS)] };
        const name = sink.write(lane.kind, [section]);
        if (chunk.count === CHUNK) chunk.sealedAs = name;
      }
  }

  static restore(horizonsMs: readonly number[], source: SnapshotSource): IdentityIndex {
    const index = new IdentityIndex(horizonsMs);
    for (const lane of index.#lanes)
      for (const name of source.names(lane.kind)) {
        const chunk = restoreChunk(u32(requireSection(source.read(name), 'identities'), 0), name);
        lane.chunks.push(chunk);
        index.#live += chunk.count;
      }
    let capacity = 1 << 12;
    while (capacity < index.#live * 2 + 2) capacity *= 2;
    index.#rebuild(capacity);
    return index;
  }
}

function restoreChunk(saved: Uint32Array, name: string): Chunk {
  const words = new Uint32Array(CHUNK * WORDS);
  words.set(saved);
  const count = saved.length / WORDS;
  let maxTimestampMs = Number.NEGATIVE_INFINITY;
  for (let n = 0; n < count; n++) maxTimestampMs = Math.max(maxTimestampMs, timestampAt(words, n * WORDS));
  return { words, count, maxTimestampMs, sealedAs: count === CHUNK ? name : null };
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
