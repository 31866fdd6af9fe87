import { randomUUID } from 'node:crypto';
import { isAppError } from '@ebap/pipeline/errors';
import { type HotChange, type HotFlush, type HotStore, type HotWrite, MAX_FLUSH_FIELDS } from '@ebap/pipeline/ports';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

/** A store for one test. It may hold what other tests wrote: each test uses names of its own. */
export interface HotStoreUnderTest {
  readonly store: HotStore;
  /** Another handle on the same store, as another process would have it. */
  readonly other: HotStore;
  /** The clock that expiry is measured by, ms since the epoch. */
  nowMs(): number;
  /** Moves that clock on; a store that has its own lets the time pass. */
  pass(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

export type HotStoreFactory = () => Promise<HotStoreUnderTest>;

const LATER_MS = 3_600_000;

/** A write that outlives the test. */
function write(key: string, field: string, value: string | null): HotWrite {
  return { key, field, value, expiresAtMs: Date.now() + LATER_MS };
}

function flushOf(
  scope: string,
  offset: number,
  writes: readonly HotWrite[],
  changes: HotFlush['changes'] = [],
): HotFlush {
  return { fence: { scope, epoch: 1, offset }, writes, changes };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'ok';
  } catch (error) {
    if (isAppError(error)) return error.code;
    throw error;
  }
}

/** Waits for the condition; the limit only ends what would never come. */
async function until(condition: () => boolean): Promise<void> {
  await vi.waitUntil(condition, { timeout: 20_000, interval: 1 });
}

/** What every adapter of the port `HotStore` does. */
export function describeHotStore(name: string, factory: HotStoreFactory): void {
  describe(`HotStore: ${name}`, () => {
    let made: HotStoreUnderTest;
    let id: string;
    beforeEach(async () => {
      made = await factory();
      id = randomUUID();
    });
    afterEach(() => made.dispose());

    describeValues(() => ({ ...made, id }));
    describeFence(() => ({ ...made, id }));
    describeChanges(() => ({ ...made, id }));
  });
}

type Made = () => HotStoreUnderTest & { readonly id: string };

function describeValues(made: Made): void {
  test('a flush is read back by every handle', async () => {
    const { store, other, id } = made();
    await store.flush(flushOf(id, 1, [write(id, 'b', '2'), write(id, 'a', 'é✓'), write(id, 'empty', '')]));
    const wanted = new Map([
      ['a', 'é✓'],
      ['b', '2'],
      ['empty', ''],
    ]);
    expect(new Map(await store.readHash(id))).toEqual(wanted);
    expect(new Map(await other.readHash(id))).toEqual(wanted);
  });

  test('what is not there is empty', async () => {
    const { store, id } = made();
    expect((await store.readHash(id)).size).toBe(0);
    expect(await store.readFields([id], ['a', 'b'])).toEqual([[null, null]]);
    expect(await store.readFields([], ['a'])).toEqual([]);
  });

  test('reads the same fields of many hashes, in the order asked for', async () => {
    const { store, id } = made();
    await store.flush(
      flushOf(id, 1, [write(`${id}1`, 'x', '1x'), write(`${id}1`, 'y', '1y'), write(`${id}2`, 'y', '2y')]),
    );
    expect(await store.readFields([`${id}2`, `${id}3`, `${id}1`], ['y', 'x', 'y'])).toEqual([
      ['2y', null, '2y'],
      [null, null, null],
      ['1y', '1x', '1y'],
    ]);
  });

  test('later flushes add, replace and remove fields', async () => {
    const { store, id } = made();
    await store.flush(flushOf(id, 1, [write(id, 'a', '1'), write(id, 'b', '1'), write(id, 'c', '1')]));
    await store.flush(
      flushOf(id, 2, [write(id, 'b', '22'), write(id, 'c', null), write(id, 'd', '4'), write(id, 'no', null)]),
    );
    expect(Object.fromEntries(await store.readHash(id))).toEqual({ a: '1', b: '22', d: '4' });
    await store.flush(flushOf(id, 3, [write(id, 'a', null), write(id, 'b', null), write(id, 'd', null)]));
    expect((await store.readHash(id)).size).toBe(0);
  });

  test('within a flush the last write of a field counts', async () => {
    const { store, id } = made();
    await store.flush(flushOf(id, 1, [write(id, 'a', '1'), write(id, 'a', null), write(id, 'a', '3')]));
    expect(Object.fromEntries(await store.readHash(id))).toEqual({ a: '3' });
  });

  test('a hash is gone when its time has come, all fields at once', async () => {
    const { store, id, nowMs, pass } = made();
    await store.flush(flushOf(id, 1, [{ key: id, field: 'a', value: '1', expiresAtMs: nowMs() + 1_000 }]));
    await store.flush(flushOf(id, 2, [{ key: id, field: 'b', value: '2', expiresAtMs: nowMs() + 3_000 }]));
    await pass(2_000);
    expect((await store.readHash(id)).size).toBe(2);
    await pass(1_000);
    expect((await store.readHash(id)).size).toBe(0);
    expect(await store.readFields([id], ['a'])).toEqual([[null]]);
    await store.flush(flushOf(id, 3, [write(id, 'c', '3')]));
    expect(Object.fromEntries(await store.readHash(id))).toEqual({ c: '3' });
  });

  test('sweeping removes the expired and nothing else', async () => {
    const { store, id, nowMs, pass } = made();
    const old = { key: `${id}old`, field: 'a', value: '1', expiresAtMs: nowMs() + 10 };
    await store.flush(flushOf(id, 1, [old, write(`${id}new`, 'a', '1')]));
    await pass(10);
    await store.sweep();
    expect((await store.readHash(`${id}old`)).size).toBe(0);
    expect((await store.readHash(`${id}new`)).size).toBe(1);
  });

  test('takes as many fields as promised, and refuses one more', async () => {
    const { store, id } = made();
    const writes = Array.from({ length: MAX_FLUSH_FIELDS + 1 }, (_, i) => write(`${id}${i % 7}`, `f${i}`, `${i}`));
    expect(await codeOf(store.flush(flushOf(id, 1, writes)))).toBe('bad_request');
    expect((await store.readHash(`${id}0`)).size).toBe(0);
    expect(await codeOf(store.flush(flushOf(id, 1, writes.slice(0, MAX_FLUSH_FIELDS))))).toBe('ok');
    const sizes = await Promise.all([0, 1, 2, 3, 4, 5, 6].map(async (i) => (await store.readHash(`${id}${i}`)).size));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(MAX_FLUSH_FIELDS);
  });

  test('any sequence of flushes leaves what a plain map would hold', async () => {
    const { store } = made();
    const someWrite = fc.record({
      key: fc.constantFrom('k1', 'k2'),
      field: fc.constantFrom('a', 'aa', 'ab', 'b', 'ü', '~', ''),
      value: fc.option(fc.string({ maxLength: 12, unit: 'grapheme' })),
    });
    const flushes = fc.array(fc.array(someWrite, { maxLength: 8 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(flushes, async (all) => {
        const id = randomUUID();
        const model = new Map<string, Map<string, string>>();
        for (const [i, writes] of all.entries()) {
          await store.flush(
            flushOf(
              id,
              i + 1,
              writes.map(({ key, field, value }) => write(id + key, field, value)),
            ),
          );
          for (const { key, field, value } of writes) {
            const hash = model.get(key) ?? new Map();
            if (value === null) hash.delete(field);
            else hash.set(field, value);
            model.set(key, hash);
          }
        }
        for (const key of ['k1', 'k2'])
          expect(new Map(await store.readHash(id + key))).toEqual(model.get(key) ?? new Map());
      }),
      { numRuns: 40 },
    );
  });
}

function describeFence(made: Made): void {
  test('tells the fence it found', async () => {
    const { store, other, id } = made();
    expect(await store.flush(flushOf(id, 5, []))).toEqual({ status: 'applied', found: null });
    expect(await other.flush(flushOf(id, 6, []))).toEqual({ status: 'applied', found: { epoch: 1, offset: 5 } });
  });

  test.each([
    ['the same offset', 1, 5],
    ['a lower offset', 1, 4],
    ['a lower epoch, however high the offset', 0, 99],
  ])('%s is refused and changes nothing', async (_, epoch, offset) => {
    const { store, id } = made();
    await store.flush(flushOf(id, 5, [write(id, 'a', 'kept')], [{ topic: id, keys: [id] }]));
    const refused = {
      fence: { scope: id, epoch, offset },
      writes: [write(id, 'a', 'stale')],
      changes: [{ topic: id, keys: [id] }],
    };
    expect(await store.flush(refused)).toEqual({ status: 'fenced', found: { epoch: 1, offset: 5 } });
    expect(Object.fromEntries(await store.readHash(id))).toEqual({ a: 'kept' });
    expect(await store.sequence(id)).toBe(1);
  });

  test('a later epoch wins with any offset', async () => {
    const { store, id } = made();
    await store.flush(flushOf(id, 500, [write(id, 'a', 'old')]));
    const later = { fence: { scope: id, epoch: 2, offset: 3 }, writes: [write(id, 'a', 'new')], changes: [] };
    expect(await store.flush(later)).toEqual({ status: 'applied', found: { epoch: 1, offset: 500 } });
    expect(Object.fromEntries(await store.readHash(id))).toEqual({ a: 'new' });
  });

  test('scopes do not touch each other', async () => {
    const { store, id } = made();
    await store.flush(flushOf(`${id}/0`, 9, []));
    expect(await store.flush(flushOf(`${id}/1`, 1, []))).toEqual({ status: 'applied', found: null });
  });

  test('a stale writer never wins, however the flushes of several writers interleave', async () => {
    const { store, other } = made();
    const attempt = fc.record({
      epoch: fc.integer({ min: 1, max: 4 }),
      offset: fc.integer({ min: 0, max: 6 }),
      byOther: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { minLength: 1, maxLength: 25 }), fc.boolean(), async (attempts, atOnce) => {
        const scope = randomUUID();
        const send = async ({ epoch, offset, byOther }: (typeof attempts)[number]) => {
          const writes = [write(scope, 'writer', `${epoch}:${offset}`)];
          const result = await (byOther ? other : store).flush({
            fence: { scope, epoch, offset },
            writes,
            changes: [],
          });
          return { rank: epoch * 1_000 + offset, result };
        };
        const answers = [];
        if (atOnce) answers.push(...(await Promise.all(attempts.map(send))));
        else for (const one of attempts) answers.push(await send(one));
        for (const { rank, result } of answers) {
          const foundRank = result.found === null ? -1 : result.found.epoch * 1_000 + result.found.offset;
          expect(result.status).toBe(rank > foundRank ? 'applied' : 'fenced');
        }
        const highest = Math.max(...answers.map(({ rank }) => rank));
        const [[holder] = []] = await store.readFields([scope], ['writer']);
        expect(holder).toBe(`${Math.floor(highest / 1_000)}:${highest % 1_000}`);
        const applied = answers.filter(({ result }) => result.status === 'applied').map(({ rank }) => rank);
        expect(new Set(applied).size).toBe(applied.length);
      }),
      { numRuns: 60 },
    );
  });
}

function describeChanges(made: Made): void {
  const bump = (topic: string, ...keys: string[]) => ({ topic, keys });

  test('a topic counts its flushes', async () => {
    const { store, other, id } = made();
    expect(await store.sequence(id)).toBe(0);
    await store.flush(flushOf(id, 1, [], [bump(id, 'a')]));
    await store.flush(flushOf(id, 2, [], [bump(id, 'a'), bump(`${id}-other`, 'b')]));
    expect(await other.sequence(id)).toBe(2);
    expect(await other.sequence(`${id}-other`)).toBe(1);
  });

  test('subscribers of every handle learn which keys of their topics changed', async () => {
    const { store, other, id } = made();
    const seen: HotChange[] = [];
    const subscription = await other.subscribe(`${id}:w`, (change) => seen.push(change));
    await store.flush(flushOf(id, 1, [], [bump(`${id}:w1`, 'a', 'b'), bump(`${id}:x`, 'c')]));
    await until(() => seen.length > 0);
    expect(seen).toEqual([{ topic: `${id}:w1`, sequence: 1, keys: ['a', 'b'] }]);
    await subscription.close();
  });

  test('what a subscriber is told can be read', async () => {
    const { store, other, id } = made();
    const read: (string | null)[] = [];
    const subscription = await other.subscribe(id, async ({ keys }) => {
      for (const row of await other.readFields(keys ?? [], ['v'])) read.push(row[0] ?? null);
    });
    await store.flush(flushOf(id, 1, [write(id, 'v', 'fresh')], [bump(id, id)]));
    await until(() => read.length > 0);
    expect(read).toEqual(['fresh']);
    await subscription.close();
  });

  test('bumps may be merged but none is lost', async () => {
    const { store, other, id } = made();
    let newest = 0;
    const keys = new Set<string>();
    const subscription = await other.subscribe(id, (change) => {
      expect(change.sequence).toBeGreaterThan(newest);
      newest = change.sequence;
      for (const key of change.keys ?? []) keys.add(key);
    });
    for (let i = 1; i <= 200; i += 1) await store.flush(flushOf(id, i, [], [bump(id, `k${i}`)]));
    await until(() => newest === 200);
    expect(newest).toBe(200);
    expect(keys.size).toBe(200);
    await subscription.close();
  });

  test('a subscription begins where it was made and ends where it was closed', async () => {
    const { store, id } = made();
    await store.flush(flushOf(id, 1, [], [bump(id, 'before')]));
    const seen: HotChange[] = [];
    const subscription = await store.subscribe(id, (change) => seen.push(change));
    await store.flush(flushOf(id, 2, [], [bump(id, 'during')]));
    await until(() => seen.length > 0);
    await subscription.close();
    const seenLater: HotChange[] = [];
    const later = await store.subscribe(id, (change) => seenLater.push(change));
    await store.flush(flushOf(id, 3, [], [bump(id, 'after')]));
    await until(() => seenLater.length > 0);
    await later.close();
    expect(seenLater).toEqual([{ topic: id, sequence: 3, keys: ['after'] }]);
    expect(seen).toEqual([{ topic: id, sequence: 2, keys: ['during'] }]);
  });
}
