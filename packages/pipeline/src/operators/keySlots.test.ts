import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { murmur2 } from '../contracts/index.ts';
import { MemorySnapshot } from '../testing/memorySnapshot.ts';
import { KeySlots } from './index.ts';

const utf8 = new TextEncoder();
const keys = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 6 }),
    fc.nat({ max: 30 }).map((n) => utf8.encode(`acme:${n}`)),
  ),
);

function slot(slots: KeySlots, key: Uint8Array, hash = murmur2(key)): number {
  return slots.slotOf(key, 0, key.length, hash);
}

describe('key slots', () => {
  test('number keys densely by first sight, as a plain map does', () => {
    fc.assert(
      fc.property(keys, (seen) => {
        const slots = new KeySlots();
        const model = new Map<string, number>();
        for (const key of seen) {
          const text = key.join();
          if (!model.has(text)) model.set(text, model.size);
          expect(slot(slots, key)).toBe(model.get(text));
        }
        expect(slots.count).toBe(model.size);
      }),
    );
  });

  test('tell keys apart that share a hash', () => {
    const slots = new KeySlots();
    const words = ['', 'a', 'b', 'ab', 'ba', 'abc'].map((w) => utf8.encode(w));
    expect(words.map((w) => slot(slots, w, 7))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(words.map((w) => slot(slots, w, 7))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('take a hash with or without its sign', () => {
    const slots = new KeySlots();
    const key = utf8.encode('ada');
    expect(slot(slots, key, 0xffff_ffff)).toBe(0);
    expect(slot(slots, key, 0xffff_ffff)).toBe(0);
    expect(slot(slots, key, -1)).toBe(0);
    expect(slots.count).toBe(1);
  });

  test('read a key from the middle of other bytes and keep a copy of it', () => {
    const slots = new KeySlots();
    const bytes = utf8.encode('xxacme:adayy');
    const hash = murmur2(bytes, 2, 10);
    expect(slots.slotOf(bytes, 2, 10, hash)).toBe(0);
    bytes.fill(0);
    expect(slot(slots, utf8.encode('acme:ada'))).toBe(0);
  });

  test('keep their numbers through growth and through checkpoints that write only what is new', () => {
    const names = Array.from({ length: 40_000 }, (_, i) => utf8.encode(`acme:user-${i}`));
    const slots = new KeySlots();
    names.slice(0, 20_000).forEach((n, i) => {
      expect(slot(slots, n)).toBe(i);
    });
    const first = new MemorySnapshot();
    slots.snapshot(first);
    expect(first.written).toHaveLength(2);
    for (const n of names.slice(20_000)) slot(slots, n);
    const second = new MemorySnapshot(first);
    slots.snapshot(second);
    // One full segment is kept; what was open then is written with what came after.
    expect(second.written).toHaveLength(2);
    expect(second.segments.size).toBe(3);
    const restored = KeySlots.restore(second);
    expect(restored.count).toBe(40_000);
    expect(names.every((n, i) => slot(restored, n) === i)).toBe(true);
    expect(slot(restored, utf8.encode('acme:new'))).toBe(40_000);
    const third = new MemorySnapshot(second);
    restored.snapshot(third);
    expect(third.written).toHaveLength(1);
    expect(KeySlots.restore(third).count).toBe(40_001);
  });

  test('of an empty checkpoint are empty', () => {
    const empty = new MemorySnapshot();
    new KeySlots().snapshot(empty);
    expect(empty.written).toEqual([]);
    expect(KeySlots.restore(empty).count).toBe(0);
  });
});
