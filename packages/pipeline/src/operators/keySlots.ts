import { requireSection, type Section, type SnapshotSink, type SnapshotSource, u8, u32 } from '../state/index.ts';
import { grown } from './growing.ts';

const SEGMENT_SLOTS = 16_384;

/**
 * Gives every byte key (`<workspace>:<user>`) a dense slot number, in order of first sight. Append-only, so a
 * checkpoint writes only slots that are new since the last full segment.
 */
export class KeySlots {
  #arena = new Uint8Array(1 << 16);
  #used = 0;
  #starts = new Float64Array(1024);
  #lengths = new Uint32Array(1024);
  #hashes = new Int32Array(1024);
  #table = new Int32Array(2048).fill(-1);
  #mask = 2047;
  #sealed: string[] = [];
  count = 0;

  /** Slot of the key in `bytes[start, end)`, whose hash (any good 32-bit one) the caller knows; added if new. */
  slotOf(bytes: Uint8Array, start: number, end: number, hash32: number): number {
    const hash = hash32 | 0;
    const mask = this.#mask;
    let i = mix(hash) & mask;
    for (;;) {
      const slot = this.#table[i] as number;
      if (slot < 0) return this.#add(i, bytes, start, end, hash);
      if (this.#hashes[slot] === hash && this.#same(slot, bytes, start, end)) return slot;
      i = (i + 1) & mask;
    }
  }

  #same(slot: number, bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    if (this.#lengths[slot] !== length) return false;
    const at = this.#starts[slot] as number;
    for (let k = 0; k < length; k++) if (this.#arena[at + k] !== bytes[start + k]) return false;
    return true;
  }

  #add(i: number, bytes: Uint8Array, start: number, end: number, hash: number): number {
    const slot = this.count++;
    const length = end - start;
    if (slot === this.#starts.length) this.#growSlots();
    if (this.#used + length > this.#arena.length) {
      const arena = new Uint8Array(Math.max(this.#arena.length * 2, this.#used + length));
      arena.set(this.#arena.subarray(0, this.#used));
      this.#arena = arena;
    }
    this.#arena.set(bytes.subarray(start, end), this.#used);
    this.#starts[slot] = this.#used;
    this.#lengths[slot] = length;
    this.#hashes[slot] = hash;
    this.#used += length;
    this.#table[i] = slot;
    if (this.count * 2 > this.#mask) this.#growTable();
    return slot;
  }

  #growSlots(): void {
    this.#starts = grown(this.#starts, this.count);
    this.#lengths = grown(this.#lengths, this.count);
    this.#hashes = grown(this.#hashes, this.count);
  }

  #growTable(): void {
    const size = this.#table.length * 2;
    this.#table = new Int32Array(size).fill(-1);
    this.#mask = size - 1;
    for (let slot = 0; slot < this.count; slot++) {
      let i = mix(this.#hashes[slot] as number) & this.#mask;
      while ((this.#table[i] as number) >= 0) i = (i + 1) & this.#mask;
      this.#table[i] = slot;
    }
  }

  snapshot(sink: SnapshotSink): void {
    for (const name of this.#sealed) sink.keep(name);
    for (let first = this.#sealed.length * SEGMENT_SLOTS; first < this.count; first += SEGMENT_SLOTS) {
      const end = Math.min(first + SEGMENT_SLOTS, this.count);
      const from = this.#starts[first] as number;
      const to = (this.#starts[end - 1] as number) + (this.#lengths[end - 1] as number);
      const name = sink.write('keys', [
        {
          name: 'keys',
          head: { first },
          columns: [
            this.#lengths.slice(first, end),
            Uint32Array.from(this.#hashes.subarray(first, end)),
            this.#arena.slice(from, to),
          ],
        },
      ]);
      if (end - first === SEGMENT_SLOTS) this.#sealed.push(name);
    }
  }

  static restore(source: SnapshotSource): KeySlots {
    const slots = new KeySlots();
    for (const name of source.names('keys')) {
      const section: Section = requireSection(source.read(name), 'keys');
      const lengths = u32(section, 0);
      const hashes = Int32Array.from(u32(section, 1));
      const bytes = u8(section, 2);
      let at = 0;
      for (let k = 0; k < lengths.length; k++) {
        const end = at + (lengths[k] as number);
        slots.slotOf(bytes, at, end, hashes[k] as number);
        at = end;
      }
      if (lengths.length === SEGMENT_SLOTS) slots.#sealed.push(name);
    }
    return slots;
  }
}

function mix(hash: number): number {
  const h = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return h ^ (h >>> 16);
}
