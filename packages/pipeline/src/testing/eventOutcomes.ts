import type { RawEvent } from '../contracts/index.ts';
import { cells, EventRun, type Merged, merged } from './eventRun.ts';
import { eventRecord, HOUR, MINUTE, type Placed, rawEvent, referenceRecords, T0, tick } from './events.ts';

/** Workspaces, regions and rates, an hour before everything. */
export const REFERENCE = merged('reference', ...referenceRecords(T0 - HOUR));
/** A record that counts, but for what is said otherwise. */
export const sound = (over: Partial<RawEvent> = {}, appendTimeMs = T0): Placed =>
  eventRecord(rawEvent(over), appendTimeMs);

/** Runs the records after the references and ends their last cut with a tick. */
export function run(records: readonly Merged[], endMs = T0 + MINUTE): EventRun {
  return new EventRun().take([...REFERENCE, ...records, ...merged('events', tick(endMs))]);
}

/** The ledger's counts by outcome over all minutes, of one workspace. */
export function ledger(runs: EventRun, workspace = 'meridian'): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [key, [count = 0]] of cells(runs.outputs)) {
    const [owner, kind, , outcome = ''] = key.split(' ');
    if (owner === workspace && kind === 'ledger') sums[outcome] = (sums[outcome] ?? 0) + count;
  }
  return sums;
}

/** What became of the records. */
export const outcomesOf = (...records: readonly Placed[]): Record<string, number> =>
  ledger(run(merged('events', ...records), T0 + 3 * HOUR));
