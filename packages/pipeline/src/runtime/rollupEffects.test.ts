import { expect, test } from 'vitest';
import type { PartialMessage } from '../contracts/index.ts';
import { MAX_FLUSH_FIELDS } from '../ports/index.ts';
import { HOUR, T0 } from '../testing/events.ts';
import { MemoryHot } from '../testing/memoryPorts.ts';
import { RollupRun } from '../testing/rollupRun.ts';
import { VirtualClock } from '../testing/virtualClock.ts';
import { rollupEffects } from './rollupEffects.ts';

const { signal } = new AbortController();
const REGIONS = Array.from({ length: MAX_FLUSH_FIELDS + 1_000 }, (_, n) => `region=r${n}`);

/** The n-th cut: as many views in each of the members. */
const cut = (n: number, members: readonly string[]): PartialMessage => ({
  sourcePartition: 0,
  cut: n,
  part: 0,
  isLast: true,
  watermarkMs: T0 - HOUR,
  appendMs: T0 + n * 250,
  workspaces: [
    {
      workspace: 'acme',
      groups: [{ kind: 'additive', startMs: T0, members, values: members.flatMap(() => [n, 0, 0, 0, 0]) }],
    },
  ],
});

/** A rollup whose cuts go to a store in memory. */
function made() {
  const hot = new MemoryHot();
  const lease = { task: 'rollup', partition: 0, owner: 'w', epoch: 1 };
  const effects = rollupEffects({ hot, clock: new VirtualClock(T0) }, lease);
  const runs = new RollupRun(1);
  const emit = async (message: PartialMessage): Promise<void> => {
    runs.take(message);
    const outputs = runs.outputs.at(-1);
    if (outputs !== undefined) await effects.emit(outputs, runs.task, signal);
  };
  return { hot, runs, emit };
}

test('a store that lost its content is given all that is open again', async () => {
  const { hot, runs, emit } = made();
  await emit(cut(1, REGIONS));
  expect(hot.hashes).toEqual(runs.hot);
  hot.lose();
  await emit(cut(2, ['region=r0']));
  expect(hot.hashes).toEqual(runs.hot);
});

test.each([2, 3, 4, 5, 6, 7])(
  'a store that is lost again at flush %i, amid the re-emission, is written again',
  async (at) => {
    const { hot, runs, emit } = made();
    await emit(cut(1, REGIONS));
    hot.lose();
    const flush = hot.flush.bind(hot);
    let flushes = 0;
    hot.flush = (writes) => {
      if (++flushes === at) hot.lose();
      return flush(writes);
    };
    await emit(cut(2, ['region=r0']));
    expect(flushes).toBeGreaterThan(at + 1);
    expect(hot.hashes).toEqual(runs.hot);
  },
);
