import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedHotStore } from '@ebap/adapters/hot-store';
import type { HotStore } from '@ebap/pipeline/ports';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EdgeTotals, SharedEdgeRates } from './edgeRates.ts';

let dir: string;
let hot: HotStore;
let nowMs = 1_800_000_000_000;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ebap-rates-'));
  hot = await openEmbeddedHotStore({ dir });
});

afterAll(async () => {
  await hot.close();
  await rm(dir, { recursive: true, force: true });
});

interface Edge {
  readonly rates: SharedEdgeRates;
  totals: EdgeTotals;
}

function failOn(error: unknown): void {
  expect.fail(String(error));
}

function edge(processId: string, onFault = failOn, store = hot): Edge {
  const made: Edge = {
    totals: { accepted: 0, rejected: 0 },
    rates: new SharedEdgeRates({
      hot: store,
      processId,
      startedAtMs: nowMs,
      totals: () => made.totals,
      nowMs: () => nowMs,
      onFault,
    }),
  };
  return made;
}

it('is the sum over all web processes, told the same by each of them', async () => {
  const [one, two] = [edge('one'), edge('two')];
  await Promise.all([one.rates.beat(), two.rates.beat()]);
  nowMs += 2_000;
  one.totals = { accepted: 100, rejected: 4 };
  two.totals = { accepted: 60, rejected: 0 };
  await Promise.all([one.rates.beat(), two.rates.beat()]);
  const expected = { acceptedPerSecond: 80, rejectedPerSecond: 2 };
  expect([await one.rates.read(), await two.rates.read()]).toEqual([expected, expected]);
  await two.rates.stop();
  expect(await one.rates.read()).toEqual({ acceptedPerSecond: 50, rejectedPerSecond: 2 });
});

it('leaves out a process that was killed, and takes its next life in', async () => {
  nowMs += 10_000;
  const next = edge('one');
  await next.rates.beat();
  expect(await next.rates.read()).toEqual({ acceptedPerSecond: 0, rejectedPerSecond: 0 });
  nowMs += 1_000;
  next.totals = { accepted: 7, rejected: 1 };
  await next.rates.beat();
  expect(await next.rates.read()).toEqual({ acceptedPerSecond: 7, rejectedPerSecond: 1 });
});

it('an outage is told once, not at every beat', async () => {
  const away = await openEmbeddedHotStore({ dir: join(dir, 'away') });
  await away.close();
  const faults: unknown[] = [];
  const one = edge('one', (error) => void faults.push(error), away);
  await one.rates.beat();
  await one.rates.beat();
  expect(faults).toHaveLength(1);
});
