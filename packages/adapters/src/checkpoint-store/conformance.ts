import { randomUUID } from 'node:crypto';
import type { CheckpointCommit, Frontier } from '@ebap/pipeline/ports';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeChain } from './chainConformance.ts';
import {
  type CheckpointStoreUnderTest,
  expired,
  LONG_MS,
  type Made,
  manifestOf,
  newTask,
  prepare,
  SHORT_MS,
  taken,
} from './testing/commits.ts';

export type { CheckpointStoreUnderTest } from './testing/commits.ts';

export type CheckpointStoreFactory = () => Promise<CheckpointStoreUnderTest>;

const HOUR_MS = 3_600_000;

/** What every adapter of the port `CheckpointStore` does. */
export function describeCheckpointStore(name: string, factory: CheckpointStoreFactory): void {
  describe(`CheckpointStore: ${name}`, () => {
    let made: CheckpointStoreUnderTest;
    beforeAll(async () => {
      made = await factory();
    });
    afterAll(() => made.dispose());

    describeLeases(() => made);
    describeCommits(() => made);
    describeSweep(() => made);
    describeChain(() => made);
  });
}

function describeLeases(made: Made): void {
  test('a free lease is taken with epoch 1, and held against others', async () => {
    const { store } = made();
    const task = newTask();
    expect(await store.acquireLease(task, 3, 'a', LONG_MS)).toEqual({ task, partition: 3, owner: 'a', epoch: 1 });
    expect(await store.acquireLease(task, 3, 'b', LONG_MS)).toBeNull();
    expect(await store.acquireLease(task, 4, 'b', LONG_MS)).toMatchObject({ epoch: 1 });
  });

  test('epochs grow by expiry, by release, and when the holder takes its own lease again', async () => {
    const { store } = made();
    const task = newTask();
    await expired(store, await taken(store, task, 'a', SHORT_MS));
    const second = await taken(store, task, 'b');
    await store.releaseLease(second);
    await store.releaseLease(second);
    expect((await taken(store, task, 'c')).epoch).toBe(3);
    expect((await taken(store, task, 'c')).epoch).toBe(4);
  });

  test('of many owners racing for a lease exactly one wins, round after round', async () => {
    const stores = [made().store, made().open(), made().open()];
    const task = newTask();
    for (let round = 1; round <= 10; round++) {
      const tries = Array.from({ length: 9 }, (_, i) => stores[i % 3]?.acquireLease(task, 0, `owner-${i}`, LONG_MS));
      const won = (await Promise.all(tries)).filter((lease) => lease !== null);
      expect(won).toHaveLength(1);
      expect(won[0]?.epoch).toBe(round);
      if (won[0]) await made().store.releaseLease(won[0]);
    }
  });

  test('renewing tells which leases are lost', async () => {
    const { store } = made();
    const task = newTask();
    const zombie = await taken(store, task, 'a', SHORT_MS);
    await expired(store, zombie);
    const current = await taken(store, task, 'b');
    const released = await store.acquireLease(task, 1, 'a', LONG_MS);
    if (released === null) throw new Error('free');
    await store.releaseLease(released);
    const never = { task, partition: 9, owner: 'a', epoch: 1 };
    expect(await store.renewLeases([zombie, current, released, never], LONG_MS)).toEqual([zombie, released, never]);
    expect(await store.renewLeases([], LONG_MS)).toEqual([]);
  });

  test('a renewed lease lives on; an expired one that nobody took can be renewed', async () => {
    const { store } = made();
    const task = newTask();
    const lease = await taken(store, task, 'a', SHORT_MS);
    await expired(store, lease);
    expect(await store.holders(task)).toEqual([]);
    expect(await store.renewLeases([lease], LONG_MS)).toEqual([]);
    expect(await store.acquireLease(task, 0, 'b', LONG_MS)).toBeNull();
  });

  test('releasing a lost lease changes nothing', async () => {
    const { store } = made();
    const task = newTask();
    const zombie = await taken(store, task, 'a', SHORT_MS);
    await expired(store, zombie);
    await taken(store, task, 'b');
    await store.releaseLease(zombie);
    expect(await store.holders(task)).toMatchObject([{ partition: 0, owner: 'b', epoch: 2 }]);
  });

  test('holders are the unexpired ones of the task, with the time they have left', async () => {
    const { store } = made();
    const task = newTask();
    await store.acquireLease(task, 1, 'b', LONG_MS);
    await store.acquireLease(task, 0, 'a', 2 * LONG_MS);
    const short = await store.acquireLease(task, 2, 'c', SHORT_MS);
    await store.acquireLease(newTask(), 5, 'd', LONG_MS);
    if (short !== null) await expired(store, short);
    const holders = await store.holders(task);
    expect(holders.map((h) => [h.partition, h.owner, h.epoch])).toEqual([
      [0, 'a', 1],
      [1, 'b', 1],
    ]);
    const [a = 0, b = 0] = holders.map(({ expiresInMs }) => expiresInMs);
    expect(b).toBeGreaterThan(0);
    expect(b).toBeLessThanOrEqual(LONG_MS);
    // Taken later and for twice as long: it has at least the difference more.
    expect(a - b).toBeGreaterThanOrEqual(LONG_MS - 1);
    expect(a).toBeLessThanOrEqual(2 * LONG_MS);
  });
}

function describeCommits(made: Made): void {
  test('without a commit there is no checkpoint', async () => {
    expect(await made().store.load(newTask(), 0)).toBeNull();
  });

  test('a committed checkpoint is loaded as it was given', async () => {
    const { store } = made();
    const task = newTask();
    const lease = await taken(store, task);
    const first = await prepare(store, lease, null, { 'raw/0': 7, 'cdc/0': 2 }, `${task}/s1`);
    expect(await store.commit(first)).toEqual({ status: 'committed' });
    const loaded = await made().open().load(task, 0);
    expect(loaded).toMatchObject({ frontier: first.to, manifest: first.manifest, epoch: 1, commitId: first.commitId });
    const second = await prepare(store, lease, { 'cdc/0': 2, 'raw/0': 7 }, { 'raw/0': 9, 'cdc/0': 2 }, `${task}/s2`);
    expect(await store.commit(second)).toEqual({ status: 'committed' });
    const later = await store.load(task, 0);
    expect(later?.frontier).toEqual(second.to);
    expect(loaded?.committedAtMs).toBeGreaterThan(Date.UTC(2020));
    expect(later?.committedAtMs).toBeGreaterThanOrEqual(loaded?.committedAtMs ?? Number.POSITIVE_INFINITY);
  });

  test('running the same commit again is harmless, also after later ones', async () => {
    const { store } = made();
    const task = newTask();
    const lease = await taken(store, task);
    const first = await prepare(store, lease, null, { x: 1 }, `${task}/1`);
    const second = await prepare(store, lease, { x: 1 }, { x: 2 }, `${task}/2`);
    const results = await Promise.all([store.commit(first), made().open().commit(first), store.commit(first)]);
    expect(results.map((r) => r.status)).toEqual(['committed', 'committed', 'committed']);
    await store.commit(second);
    expect(await store.commit(first)).toEqual({ status: 'committed' });
    expect((await store.load(task, 0))?.frontier).toEqual({ x: 2 });
  });

  test('a zombie that commits after a takeover is fenced, and changes nothing', async () => {
    const { store } = made();
    const task = newTask();
    const zombie = await taken(store, task, 'a', SHORT_MS);
    const late = await prepare(store, zombie, null, { x: 5 }, `${task}/z`);
    await expired(store, zombie);
    const owner = await taken(made().open(), task, 'b');
    expect(await store.commit(late)).toEqual({ status: 'fenced' });
    expect(await store.load(task, 0)).toBeNull();
    expect(await store.commit(await prepare(store, owner, null, { x: 1 }, `${task}/o`))).toEqual({
      status: 'committed',
    });
    expect(await store.commit(late)).toEqual({ status: 'fenced' });
  });

  test('an expired lease that nobody took may still commit: the epoch decides', async () => {
    const { store } = made();
    const task = newTask();
    const lease = await taken(store, task, 'a', SHORT_MS);
    await expired(store, lease);
    expect((await store.commit(await prepare(store, lease, null, { x: 1 }))).status).toBe('committed');
  });

  test.each([
    { stored: null, from: { x: 0 } },
    { stored: { x: 1 }, from: null },
    { stored: { x: 1 }, from: { x: 2 } },
    { stored: { x: 1 }, from: { x: 1, y: 0 } },
  ])('a commit from $from on top of $stored is a frontier mismatch', async ({ stored, from }) => {
    const { store } = made();
    const task = newTask();
    const lease = await taken(store, task);
    if (stored !== null) await store.commit(await prepare(store, lease, null, stored));
    const before = await store.load(task, 0);
    expect(await store.commit(await prepare(store, lease, from, { x: 3 }))).toEqual({ status: 'frontier_mismatch' });
    expect(await store.load(task, 0)).toEqual(before);
  });

  test('an intent is good for an hour, for one commit, and for its own lease', async () => {
    const { store, ageIntent } = made();
    const task = newTask();
    const lease = await taken(store, task);
    const old = await prepare(store, lease, null, { x: 1 });
    await ageIntent(old.intentId, HOUR_MS + 1);
    expect(await store.commit(old)).toEqual({ status: 'intent_expired' });
    const young = await prepare(store, lease, null, { x: 1 });
    await ageIntent(young.intentId, HOUR_MS - 60_000);
    expect(await store.commit(young)).toEqual({ status: 'committed' });
    const again = { ...young, commitId: randomUUID(), from: { x: 1 }, to: { x: 2 } };
    expect(await store.commit(again)).toEqual({ status: 'intent_expired' });
    const others = await store.openIntent(await taken(store, newTask()), []);
    expect(await store.commit({ ...again, intentId: others })).toEqual({ status: 'intent_expired' });
    expect(await store.commit({ ...again, intentId: randomUUID() })).toEqual({ status: 'intent_expired' });
  });

  test('a manifest may only name segments that its intent announced or the last checkpoint holds', async () => {
    const { store } = made();
    const task = newTask();
    const lease = await taken(store, task);
    await store.commit(await prepare(store, lease, null, { x: 1 }, `${task}/kept`));
    const next = await prepare(store, lease, { x: 1 }, { x: 2 }, `${task}/new`);
    const unknown = { ...next, manifest: manifestOf(`${task}/kept`, `${task}/new`, `${task}/unknown`) };
    await expect(store.commit(unknown)).rejects.toMatchObject({ code: 'bad_request' });
    const known = { ...next, manifest: manifestOf(`${task}/kept`, `${task}/new`) };
    expect(await store.commit(known)).toEqual({ status: 'committed' });
  });
}

function describeSweep(made: Made): void {
  async function sweepable(task: string): Promise<readonly string[]> {
    return (await made().store.sweepable()).filter((name) => name.startsWith(task));
  }

  test('files of open intents and of the current manifest are kept, replaced ones are swept', async () => {
    const { store } = made();
    const task = newTask();
    const lease = await taken(store, task);
    const first = await prepare(store, lease, null, { x: 1 }, `${task}/1a`, `${task}/1b`);
    expect(await sweepable(task)).toEqual([]);
    await store.commit(first);
    expect(await sweepable(task)).toEqual([]);
    const second = await prepare(store, lease, { x: 1 }, { x: 2 }, `${task}/2`);
    await store.commit({ ...second, manifest: manifestOf(`${task}/1a`, `${task}/2`) });
    const third = await store.openIntent(lease, [`${task}/3`]);
    expect(await sweepable(task)).toEqual([`${task}/1b`]);
    expect(await sweepable(task)).toEqual([`${task}/1b`]);
    await store.swept([`${task}/1b`]);
    expect(await sweepable(task)).toEqual([]);
    await made().ageIntent(third, HOUR_MS + 1);
    expect(await sweepable(task)).toEqual([`${task}/3`]);
  });

  test('a file announced twice is kept while either intent is open', async () => {
    const { store, ageIntent } = made();
    const task = newTask();
    const lease = await taken(store, task);
    const lost = await store.openIntent(lease, [`${task}/f`]);
    const again = await store.openIntent(lease, [`${task}/f`]);
    await ageIntent(lost, HOUR_MS + 1);
    expect(await sweepable(task)).toEqual([]);
    await ageIntent(again, HOUR_MS + 1);
    expect(await sweepable(task)).toEqual([`${task}/f`]);
  });

  test('an intent that the sweep aborted can not be committed', async () => {
    const { store, ageIntent } = made();
    const task = newTask();
    const commit = await prepare(store, await taken(store, task), null, { x: 1 }, `${task}/f`);
    await ageIntent(commit.intentId, HOUR_MS + 1);
    expect(await sweepable(task)).toEqual([`${task}/f`]);
    expect(await store.commit(commit)).toEqual({ status: 'intent_expired' });
  });

  test('sweeping while commits run never names a file that is in use', async () => {
    const { store } = made();
    const task = newTask();
    const lease = await taken(store, task);
    let done = false;
    const sweeper = (async () => {
      const seen: string[] = [];
      while (!done) seen.push(...(await sweepable(task)));
      return seen;
    })();
    let from: Frontier | null = null;
    for (let i = 0; i < 40; i++) {
      const next: CheckpointCommit = await prepare(store, lease, from, { x: i }, `${task}/${i}`);
      const kept = i === 0 ? [] : [`${task}/0`];
      await store.commit({ ...next, manifest: manifestOf(...kept, `${task}/${i}`) });
      from = next.to;
    }
    done = true;
    const seen = await sweeper;
    expect(seen).not.toContain(`${task}/0`);
    expect(seen).not.toContain(`${task}/39`);
    expect(await sweepable(task)).toHaveLength(38);
  });
}
