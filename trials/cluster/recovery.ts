import { PARTITIONS, type PartitionStatus, TOPICS } from '@ebap/pipeline/contracts';
import { hotKeys } from '@ebap/pipeline/hot';
import type { HotStore } from '@ebap/pipeline/ports';
import type { Acknowledged } from './acknowledged.ts';

type TimedStatus = PartitionStatus & { readonly atMs: number };

const MINUTE_MS = 60_000;
/** An event that was under way when a minute began is acknowledged by then, or sent again. */
const UNDER_WAY_MS = 20_000;
const EXPECTED: Readonly<Record<string, number>> = {
  event: PARTITIONS.cluster.keyed,
  rollup: PARTITIONS.cluster.partial,
};

/**
 * What is still missing until everything that lay on the log at `healedMs` was taken in, by what the workers tell
 * through the hot store: empty when all partitions of the events run and have read past that time.
 */
export async function missingUntil(hot: HotStore, healedMs: number): Promise<readonly string[]> {
  const statuses = await taskStatuses(hot);
  return Object.entries(EXPECTED).flatMap(([task, partitions]) =>
    Array.from({ length: partitions }, (_, partition) => {
      const status = statuses.get(`${task}/${partition}`);
      const at = `${task}/${partition}`;
      if (status === undefined) return `${at}: nobody tells of it`;
      if (status.atMs < healedMs) return `${at}: last told ${healedMs - status.atMs} ms before`;
      if (status.state !== 'running') return `${at}: ${status.state} ${status.message ?? ''}`;
      if ((status.appendMs ?? 0) < healedMs) return `${at}: ${healedMs - (status.appendMs ?? 0)} ms behind`;
      return null;
    }).filter((text) => text !== null),
  );
}

async function taskStatuses(hot: HotStore): Promise<ReadonlyMap<string, TimedStatus>> {
  const fields = await hot.readHash(hotKeys.tasks());
  return new Map([...fields].map(([field, json]) => [field, JSON.parse(json) as TimedStatus]));
}

export interface LedgerBound {
  /** Records the ledger must hold at least. */
  readonly atLeast: number;
  /** First minute of arrival that counts. */
  readonly fromMs: number;
  /** Whether what arrived again counts too: its first arrival may be in a minute that was lost. */
  readonly withDuplicates: boolean;
}

/** What the ledger must account for, given all that was acknowledged until `healedMs`. */
export function ledgerBound(acknowledged: Acknowledged, startedMs: number, lostAtMs: number | null): LedgerBound {
  const total = acknowledged.total();
  if (lostAtMs === null) return { atLeast: total, fromMs: startedMs - MINUTE_MS, withDuplicates: false };
  const fromMs = Math.floor(lostAtMs / MINUTE_MS) * MINUTE_MS;
  const before = acknowledged.totalAt(fromMs + UNDER_WAY_MS);
  return { atLeast: Math.max(0, total - before), fromMs, withDuplicates: true };
}

/** Sums the outcomes in the hot store's ledger of the workspace. */
export async function accountedFor(hot: HotStore, workspace: string, bound: LedgerBound): Promise<number> {
  let sum = 0;
  for (let minute = Math.floor(bound.fromMs / MINUTE_MS) * MINUTE_MS; minute <= Date.now(); minute += MINUTE_MS)
    for (const [field, count] of await hot.readHash(hotKeys.ledger(workspace, minute)))
      if (field.startsWith(TOPICS.eventsRaw) && (bound.withDuplicates || !field.endsWith('/duplicate')))
        sum += Number(count);
  return sum;
}
