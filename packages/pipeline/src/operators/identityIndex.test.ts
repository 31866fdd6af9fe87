import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemorySnapshot } from '../testing/memorySnapshot.ts';
import { type Identity, IdentityIndex, type Sighting } from './index.ts';

const RECENT_MS = 300_000;
const PURCHASES_MS = 86_400_000;
const HORIZONS_MS = [RECENT_MS, PURCHASES_MS];

function identity(n: number, timestampMs: number, workspace = 0): Identity {
  return { workspace, id0: Math.imul(n, 0x9e3779b1) >>> 0, id1: n, id2: 0, id3: 1, timestampMs };
}

/** The plain version: a list of what is remembered per identity. */
class Model {
  readonly #seen = new Map<string, { readonly timestampMs: number; readonly horizonMs: number }[]>();

  see(id: Identity, watermarkMs: number, lane: number): Sighting {
    const key = [id.workspace, id.id0, id.id1, id.id2, id.id3].join();
    const all = this.#seen.get(key) ?? [];
    const live = all.filter((e) => e.timestampMs >= watermarkMs - e.horizonMs);
    if (live.some((e) => e.timestampMs === id.timestampMs)) return 'duplicate';
    if (live.length > 0) return 'reused';
    const horizonMs = HORIZONS_MS[lane];
    if (horizonMs !== undefined) this.#seen.set(key, [...all, { timestampMs: id.timestampMs, horizonMs }]);
    return 'new';
  }
}

function restored(index: IdentityIndex, earlier?: MemorySnapshot): { index: IdentityIndex; snapshot: MemorySnapshot } {
  const snapshot = new MemorySnapshot(earlier);
  index.snapshot(snapshot);
  return { index: IdentityIndex.restore(HORIZONS_MS, snapshot), snapshot };
}

describe('an identity', () => {
  test.each<[string, Identity, Sighting]>([
    ['with the same timestamp is a duplicate', identity(1, 1_000), 'duplicate'],
    ['with another timestamp is reused', identity(1, 1_001), 'reused'],
    ['of another workspace is new', identity(1, 1_000, 1), 'new'],
    ['with another id is new', identity(2, 1_000), 'new'],
  ])('seen before, %s', (_, again, sighting) => {
    const index = new IdentityIndex(HORIZONS_MS);
    expect(index.see(identity(1, 1_000), Number.NEGATIVE_INFINITY, 0)).toBe('new');
    expect(index.see(again, 0, 0)).toBe(sighting);
  });

  test.each([
    ['an event', 0, RECENT_MS],
    ['a purchase', 1, PURCHASES_MS],
  ])('of %s is remembered up to its horizon behind the watermark and not longer', (_, lane, horizonMs) => {
    const index = new IdentityIndex(HORIZONS_MS);
    index.see(identity(1, 5_000), 0, lane);
    expect(index.see(identity(1, 5_000), 5_000 + horizonMs, -1)).toBe('duplicate');
    expect(index.see(identity(1, 5_000), 5_001 + horizonMs, -1)).toBe('new');
  });

  test('that is only asked for is not remembered', () => {
    const index = new IdentityIndex(HORIZONS_MS);
    expect(index.see(identity(1, 1_000), 0, -1)).toBe('new');
    expect(index.see(identity(1, 1_000), 0, -1)).toBe('new');
    expect(index.size).toBe(0);
  });

  test('keeps timestamps of far more than 32 bits apart', () => {
    const index = new IdentityIndex(HORIZONS_MS);
    const ms = 1_795_255_200_000;
    index.see(identity(1, ms), 0, 0);
    expect(index.see(identity(1, ms + 2 ** 32), 0, -1)).toBe('reused');
    expect(index.see(identity(1, ms), 0, -1)).toBe('duplicate');
  });
});

describe('the identity index', () => {
  const step = fc.record({
    n: fc.nat({ max: 12 }),
    timestampMs: fc.constantFrom(0, 1, 100_000, 400_000, 90_000_000),
    workspace: fc.nat({ max: 1 }),
    advanceMs: fc.constantFrom(0, 0, 0, 100_000, 300_000, 40_000_000),
    lane: fc.constantFrom(-1, 0, 1),
    after: fc.constantFrom('go on', 'go on', 'expire', 'restore'),
  });

  test('answers like a plain list of what is remembered, also when it expires or is restored at any time', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let index = new IdentityIndex(HORIZONS_MS);
        const model = new Model();
        let watermarkMs = 0;
        for (const { n, timestampMs, workspace, advanceMs, lane, after } of steps) {
          watermarkMs += advanceMs;
          const id = identity(n, timestampMs, workspace);
          expect(index.see(id, watermarkMs, lane)).toBe(model.see(id, watermarkMs, lane));
          if (after === 'expire') index.expire(watermarkMs);
          if (after === 'restore') index = restored(index).index;
        }
      }),
    );
  });

  test('of 200,000 records drops whole chunks, answers the same and writes only what is new', () => {
    let index = new IdentityIndex(HORIZONS_MS);
    const model = new Model();
    let snapshot: MemorySnapshot | undefined;
    let largest = 0;
    let kept = 0;
    // Every tenth is a purchase; ids come back after 5,000 others.
    for (let i = 0; i < 200_000; i++) {
      const timeMs = i * 20;
      const watermarkMs = timeMs - 600_000;
      const n = i % 3 === 0 ? i - 5_000 : i;
      const id = identity(n, n * 20, n & 1);
      const lane = i % 10 === 0 ? 1 : 0;
      const found = index.see(id, watermarkMs, lane);
      if (found !== model.see(id, watermarkMs, lane)) expect.fail(`record ${i}: ${found}`);
      if (i % 10_000 === 0) {
        index.expire(watermarkMs);
        ({ index, snapshot } = restored(index, snapshot));
        kept += snapshot.segments.size - snapshot.written.length;
      }
      largest = Math.max(largest, index.size);
    }
    // 133,333 different ones; of the last 900 s some 30,000, and all purchases, in chunks of 32,768.
    expect(largest).toBeLessThan(100_000);
    expect(index.size).toBeLessThan(80_000);
    // Full chunks were written once and kept by the checkpoints after.
    expect(kept).toBeGreaterThan(0);
  });
});
