import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@ebap/adapters/clock';
import { openEmbeddedHotStore } from '@ebap/adapters/hot-store';
import type { PartitionStatus } from '@ebap/pipeline/contracts';
import { hotKeys } from '@ebap/pipeline/hot';
import type { HotStore } from '@ebap/pipeline/ports';
import type { OwnedPartition } from '@ebap/pipeline/runtime';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { LatencyWindow } from './latency.ts';
import { reportStatus } from './statusReporter.ts';

let hot: HotStore;
beforeEach(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'status-'));
  const store = await openEmbeddedHotStore({ dir });
  hot = store;
  return async () => {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  };
});

const owned = (partition: number, epoch: number): OwnedPartition => ({
  lease: { task: 'event', partition, owner: 'whoever', epoch },
  status: {
    state: 'running',
    nextOffset: 0,
    endOffset: 0,
    watermarkMs: null,
    appendMs: null,
    records: 0,
    lastCheckpoint: null,
    message: null,
  },
});

/** A worker that tells of these partitions until the test ends; resolves when it has told twice more. */
async function toldTwiceBy(owner: string, ...partitions: readonly OwnedPartition[]): Promise<readonly unknown[]> {
  const end = new AbortController();
  const troubles: unknown[] = [];
  const reporting = reportStatus(
    hot,
    systemClock,
    {
      owner,
      owned: () => partitions,
      changeStreams: () => new Map(),
      latency: new LatencyWindow(),
      onTrouble: (error) => troubles.push(error),
    },
    end.signal,
  );
  onTestFinished(async () => {
    end.abort();
    await reporting;
  });
  const seen = new Set<string>();
  await vi.waitUntil(
    async () => {
      const beat = (await hot.readHash(hotKeys.latency())).get(owner);
      if (beat !== undefined) seen.add(beat);
      return seen.size > 2;
    },
    { timeout: 30_000, interval: 20 },
  );
  return troubles;
}

async function ownersTold(): Promise<Readonly<Record<string, string>>> {
  const tasks = await hot.readHash(hotKeys.tasks());
  return Object.fromEntries(
    [...tasks].map(([field, text]) => {
      const { owner, epoch } = JSON.parse(text) as PartitionStatus;
      return [field, `${owner} ${epoch}`];
    }),
  );
}

describe('what is told of partitions', () => {
  test('a worker that lost one without knowing it does not overwrite its new owner, and tells of its others', async () => {
    await toldTwiceBy('new', owned(0, 2));
    const troubles = await toldTwiceBy('zombie', owned(0, 1), owned(1, 1));
    expect(await ownersTold()).toEqual({ 'event/0': 'new 2', 'event/1': 'zombie 1' });
    expect(troubles).toEqual([]);
  });

  test('a new owner overwrites what the one before tells', async () => {
    await toldTwiceBy('old', owned(0, 1));
    await toldTwiceBy('new', owned(0, 2));
    expect(await ownersTold()).toEqual({ 'event/0': 'new 2' });
  });
});

test('what a worker told that has gone is taken away by one that is there', async () => {
  const told = (owner: string, atMs: number) => ({
    key: hotKeys.latency(),
    field: owner,
    value: JSON.stringify({ p99: 1, atMs }),
    expiresAtMs: Date.now() + 600_000,
  });
  await hot.flush({
    fence: { scope: 'earlier', epoch: 1, offset: 1 },
    writes: [told('gone', Date.now() - 60_000), told('there', Date.now() + 600_000)],
    changes: [],
  });
  await toldTwiceBy('new');
  expect([...(await hot.readHash(hotKeys.latency())).keys()].toSorted()).toEqual(['new', 'there']);
});
