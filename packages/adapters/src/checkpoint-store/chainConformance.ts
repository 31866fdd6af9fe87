import type { CheckpointCommit, CheckpointStore, Frontier, Lease } from '@ebap/pipeline/ports';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Made, newTask, prepare, SHORT_MS } from './testing/commits.ts';

/** A worker that never notices that it was replaced. */
interface Zombie {
  readonly store: CheckpointStore;
  lease: Lease | null;
  frontier: Frontier | null;
}

export function describeChain(made: Made): void {
  const step = fc.record({ owner: fc.nat(2), act: fc.constantFrom('take', 'load', 'commit', 'commit', 'repeat') });

  test('for any interleaving of owners the frontier advances along one chain', async () => {
    const stores = [made().store, made().open(), made().open()];
    const rounds = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(rounds, async (plan) => {
        const task = newTask();
        const owners = stores.map((store): Zombie => ({ store, lease: null, frontier: null }));
        const committed = new Map<string, CheckpointCommit>();
        const tried: CheckpointCommit[] = [];
        let offset = 0;
        const act = async (owner: Zombie, n: number, what: string): Promise<void> => {
          const { store } = owner;
          if (what === 'take') owner.lease = (await store.acquireLease(task, 0, `${n}`, SHORT_MS)) ?? owner.lease;
          if (what === 'load') owner.frontier = (await store.load(task, 0))?.frontier ?? null;
          const commit = what === 'commit' ? await next(owner) : what === 'repeat' ? tried.at(n - 3) : undefined;
          if (commit === undefined) return;
          tried.push(commit);
          const { status } = await store.commit(commit);
          if (status === 'committed') committed.set(commit.commitId, commit);
          if (status === 'committed' && what === 'commit') owner.frontier = commit.to;
        };
        const next = async (owner: Zombie): Promise<CheckpointCommit | undefined> =>
          owner.lease === null
            ? undefined
            : prepare(owner.store, owner.lease, owner.frontier, { x: ++offset }, `${task}/${offset}`);
        for (const round of plan)
          await Promise.all(
            round.map(({ owner, act: what }) => {
              const zombie = owners[owner];
              return zombie === undefined ? undefined : act(zombie, owner, what);
            }),
          );
        expectOneChain([...committed.values()], (await made().store.load(task, 0))?.frontier ?? null);
      }),
      { numRuns: 60 },
    );
  });
}

/** Following the commits from nothing leads through every one of them to the stored frontier. */
function expectOneChain(committed: readonly CheckpointCommit[], stored: Frontier | null): void {
  const byFrom = new Map(committed.map((c) => [JSON.stringify(c.from), c]));
  expect(byFrom.size).toBe(committed.length);
  let at: Frontier | null = null;
  let epoch = 0;
  for (let seen = 0; seen < committed.length; seen++) {
    const next = byFrom.get(JSON.stringify(at));
    if (next === undefined) throw new Error(`nothing grew from ${JSON.stringify(at)}`);
    expect(next.lease.epoch).toBeGreaterThanOrEqual(epoch);
    epoch = next.lease.epoch;
    at = next.to;
  }
  expect(at).toEqual(stored);
}
