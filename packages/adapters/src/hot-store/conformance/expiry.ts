import { expect, test } from 'vitest';
import { flushOf, type Made, write } from './storeUnderTest.ts';

/** Hashes go when their time has come. */
export function describeExpiry(made: Made): void {
  test('a hash is gone when its time has come, all fields at once', async () => {
    const { store, id, nowMs, pass } = made();
    await store.flush(flushOf(id, 1, [{ key: id, field: 'a', value: '1', expiresAtMs: nowMs() + 1_000 }]));
    await store.flush(flushOf(id, 2, [{ key: id, field: 'b', value: '2', expiresAtMs: nowMs() + 8_000 }]));
    await pass(1_000);
    expect((await store.readHash(id)).size).toBe(2);
    await pass(7_000);
    expect((await store.readHash(id)).size).toBe(0);
    expect(await store.readFields([id], ['a'])).toEqual([[null]]);
    await store.flush(flushOf(id, 3, [write(id, 'c', '3')]));
    expect(Object.fromEntries(await store.readHash(id))).toEqual({ c: '3' });
  });

  test('no write shortens the life of a hash, also one that changes all its fields', async () => {
    const { store, id, nowMs, pass } = made();
    await store.flush(flushOf(id, 1, [write(id, 'a', '1')]));
    const soon = { key: id, expiresAtMs: nowMs() + 10 };
    await store.flush(
      flushOf(id, 2, [
        { ...soon, field: 'a', value: null },
        { ...soon, field: 'b', value: '2' },
      ]),
    );
    await pass(10);
    expect(Object.fromEntries(await store.readHash(id))).toEqual({ b: '2' });
  });

  test('a hash that was emptied and written anew lives as long as its new writes say', async () => {
    const { store, id, nowMs, pass } = made();
    await store.flush(flushOf(id, 1, [write(id, 'a', '1')]));
    await store.flush(flushOf(id, 2, [write(id, 'a', null)]));
    await store.flush(flushOf(id, 3, [{ key: id, field: 'b', value: '2', expiresAtMs: nowMs() + 10 }]));
    await pass(10);
    expect((await store.readHash(id)).size).toBe(0);
  });

  test('what has expired when it is written is not there', async () => {
    const { store, id, nowMs } = made();
    await store.flush(flushOf(id, 1, [{ key: id, field: 'a', value: '1', expiresAtMs: nowMs() - 1_000 }]));
    expect((await store.readHash(id)).size).toBe(0);
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
}
