import { PARTITIONS, type PartitionStatus, TOPICS } from '@ebap/pipeline/contracts';
import { decodeCell, hotKeys } from '@ebap/pipeline/hot';
import type { HotStore } from '@ebap/pipeline/ports';
import type { Acknowledged } from './acknowledged.ts';

type TimedStatus = PartitionStatus & { readonly atMs: number };

const MINUTE_MS = 60_000;
/** An event that was under way when a minute began is acknowledged by then, or sent again. */
const UNDER_WAY_MS = 20_000;
/** Events of the load are counted when they are so old, or so far ahead, at most. */
const OLDEST_EVENT_MS = 15 * MINUTE_MS;
const NEWEST_EVENT_MS = 6 * MINUTE_MS;
/** The member that all events of a workspace belong to. */
const EVERYBODY = '*';
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
  const fromMs = minuteOf(lostAtMs);
  const before = acknowledged.totalAt(fromMs + UNDER_WAY_MS);
  return { atLeast: Math.max(0, total - before), fromMs, withDuplicates: true };
}

/** What the hot store's ledger of the workspace says. */
export interface LedgerSums {
  /** All outcomes that the bound is about. */
  readonly accounted: number;
  /** Those that were counted: each is in exactly one window of a grain. */
  readonly counted: number;
}

export async function readLedgerSums(hot: HotStore, workspace: string, bound: LedgerBound): Promise<LedgerSums> {
  let accounted = 0;
  let counted = 0;
  for (let minute = minuteOf(bound.fromMs); minute <= Date.now(); minute += MINUTE_MS)
    for (const [field, count] of await hot.readHash(hotKeys.ledger(workspace, minute))) {
      if (!field.startsWith(TOPICS.eventsRaw)) continue;
      if (bound.withDuplicates || !field.endsWith('/duplicate')) accounted += Number(count);
      if (field.endsWith('/counted')) counted += Number(count);
    }
  return { accounted, counted };
}

/** Events in the total cells of the workspace's one-minute windows. */
export async function eventsInWindows(hot: HotStore, workspace: string, startedMs: number): Promise<number> {
  const fromMs = minuteOf(startedMs) - OLDEST_EVENT_MS;
  const minutes = Array.from(
    { length: Math.ceil((Date.now() + NEWEST_EVENT_MS - fromMs) / MINUTE_MS) },
    (_, n) => fromMs + n * MINUTE_MS,
  );
  const windows = await Promise.all(minutes.map((start) => hot.readHash(hotKeys.window(workspace, '1m', start))));
  return windows.reduce((sum, cells) => {
    const text = cells.get(EVERYBODY);
    if (text === undefined) return sum;
    const { view, cart, purchase, login } = decodeCell(text);
    return sum + view + cart + purchase + login;
  }, 0);
}

const minuteOf = (ms: number): number => Math.floor(ms / MINUTE_MS) * MINUTE_MS;
