import type { HotChange } from '@ebap/pipeline/ports';
import { expect, test, vi } from 'vitest';
import { flushOf, type Made, write } from './storeUnderTest.ts';

/** Waits for the condition; the limit only ends what would never come. */
async function until(condition: () => boolean): Promise<void> {
  await vi.waitUntil(condition, { timeout: 20_000, interval: 1 });
}

/** Subscribers learn what changed. */
export function describeChanges(made: Made): void {
  const bump = (topic: string, ...keys: string[]) => ({ topic, keys });

  test('a topic that never moved is at 0, and each flush moves its topics on, and no other', async () => {
    const { store, other, id } = made();
    const sequences = async () => [await other.sequence(id), await other.sequence(`${id}-other`)] as const;
    expect(await sequences()).toEqual([0, 0]);
    await store.flush(flushOf(id, 1, [], [bump(id, 'a')]));
    const first = await sequences();
    expect(first).toEqual([expect.any(Number), 0]);
    expect(first[0]).toBeGreaterThan(0);
    await store.flush(flushOf(id, 2, [], [bump(id, 'a'), bump(`${id}-other`, 'b')]));
    const second = await sequences();
    expect(second[0]).toBeGreaterThan(first[0]);
    expect(second[1]).toBeGreaterThan(0);
  });

  test('subscribers of every handle learn which keys of their topics changed', async () => {
    const { store, other, id } = made();
    const seen: HotChange[] = [];
    const subscription = await other.subscribe(`${id}:w`, (change) => seen.push(change));
    await store.flush(flushOf(id, 1, [], [bump(`${id}:w1`, 'a', 'b'), bump(`${id}:x`, 'c')]));
    await until(() => seen.length > 0);
    expect(seen).toEqual([{ topic: `${id}:w1`, sequence: await store.sequence(`${id}:w1`), keys: ['a', 'b'] }]);
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
    const last = await store.sequence(id);
    await until(() => newest === last);
    expect(newest).toBe(last);
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
    const during = await store.sequence(id);
    const seenLater: HotChange[] = [];
    const later = await store.subscribe(id, (change) => seenLater.push(change));
    await store.flush(flushOf(id, 3, [], [bump(id, 'after')]));
    await until(() => seenLater.length > 0);
    await later.close();
    expect(seenLater).toEqual([{ topic: id, sequence: await store.sequence(id), keys: ['after'] }]);
    expect(seen).toEqual([{ topic: id, sequence: during, keys: ['during'] }]);
  });

  test('a topic under which keys of several workspaces change tells of all of them', async () => {
    const { store, other, id } = made();
    const keys = new Set<string>();
    const subscription = await other.subscribe(id, (change) => {
      for (const key of change.keys ?? []) keys.add(key);
    });
    const all = [`{${id}-acme}:k`, `{${id}-globex}:k`];
    await store.flush(
      flushOf(
        id,
        1,
        all.map((key) => write(key, 'v', '1')),
        [bump(id, ...all)],
      ),
    );
    await until(() => keys.size === 2);
    expect(keys).toEqual(new Set(all));
    await subscription.close();
  });

  test('a topic may move without naming keys', async () => {
    const { store, other, id } = made();
    const seen: HotChange[] = [];
    const subscription = await other.subscribe(id, (change) => seen.push(change));
    await store.flush(flushOf(id, 1, [write(`{${id}}:k`, 'v', '1')], [bump(id)]));
    await until(() => seen.length > 0);
    expect(seen).toEqual([{ topic: id, sequence: await store.sequence(id), keys: [] }]);
    await subscription.close();
  });
}
