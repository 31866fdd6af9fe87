import { TOPICS } from '@ebap/pipeline/contracts';
import { hotKeys, SYSTEM_WORKSPACE } from '@ebap/pipeline/hot';
import type { HotStore } from '@ebap/pipeline/ports';
import { pause } from './stage.ts';

/** What became of records of the event topic, as the hot store tells. */
export interface Ledger {
  readonly counted: number;
  readonly duplicate: number;
  readonly late: number;
  readonly dead: number;
}

/** Both of the demo's, and the one of records whose workspace can't be told. */
const WORKSPACES = ['meridian', 'acme', SYSTEM_WORKSPACE];
const MINUTE_MS = 60_000;
const LOOK_EVERY_MS = 500;

/** Sums over all workspaces and the minutes of arrival from `fromMs` on. */
export async function readLedger(hot: HotStore, fromMs: number): Promise<Ledger> {
  const sums = { counted: 0, duplicate: 0, late: 0, dead: 0 };
  for (const workspace of WORKSPACES)
    for (let minute = Math.floor(fromMs / MINUTE_MS) * MINUTE_MS; minute <= Date.now(); minute += MINUTE_MS)
      for (const [field, count] of await hot.readHash(hotKeys.ledger(workspace, minute))) {
        const outcome = outcomeOf(field);
        if (outcome !== null) sums[outcome] += Number(count);
      }
  return sums;
}

function outcomeOf(field: string): keyof Ledger | null {
  const [source, ...rest] = field.split('/');
  const outcome = rest.join('/');
  if (source !== TOPICS.eventsRaw) return null;
  if (outcome.startsWith('dead:')) return 'dead';
  return outcome === 'counted' || outcome === 'duplicate' || outcome === 'late' ? outcome : null;
}

/** Waits until so many events are counted, and says how long that took; or what the ledger says in the end. */
export async function untilCounted(
  hot: HotStore,
  fromMs: number,
  counted: number,
  withinMs: number,
): Promise<{ readonly ledger: Ledger; readonly waitedMs: number }> {
  const startMs = performance.now();
  for (;;) {
    const ledger = await readLedger(hot, fromMs);
    const waitedMs = Math.round(performance.now() - startMs);
    if (ledger.counted >= counted || waitedMs > withinMs) return { ledger, waitedMs };
    await pause(LOOK_EVERY_MS);
  }
}

/** What is wrong with a ledger that must hold exactly so many distinct events, all of them on time. */
export function ledgerFailures({ counted, late, dead }: Ledger, expected: number, what: string): readonly string[] {
  return [
    ...(counted === expected ? [] : [`${what}: ${counted} events counted of ${expected}`]),
    ...(late === 0 ? [] : [`${what}: ${late} events late`]),
    ...(dead === 0 ? [] : [`${what}: ${dead} dead letters`]),
  ];
}
