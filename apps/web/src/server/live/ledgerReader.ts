import {
  DEAD_LETTER_REASONS,
  type DeadLetterReason,
  type DeadLetterSummary,
  type LedgerMinute,
  TOPICS,
} from '@ebap/pipeline/contracts';
import { hotKeys } from '@ebap/pipeline/hot';
import type { HotStore } from '@ebap/pipeline/ports';
import { windowStartMs } from '@ebap/pipeline/time';
import type { DeadLetterGroup } from './deadLetterIndex.ts';
import type { RefusalCounts } from './edgeRefusals.ts';

const MINUTE_MS = 60_000;
const LEDGER_MINUTES = 120;
const OUTCOMES = ['counted', 'duplicate', 'late', ...DEAD_LETTER_REASONS.map((reason) => `dead:${reason}`)] as const;
const FIRST_DEAD = 3;

/** Not counted records of one reason in the ledger's two hours. */
interface Uncounted {
  readonly onLog: number;
  readonly atEdge: number;
  readonly lastSeenMs: number;
}

export interface Ledger {
  /** Two hours, newest last. */
  readonly minutes: readonly LedgerMinute[];
  readonly uncounted: ReadonlyMap<DeadLetterReason, Uncounted>;
}

/**
 * What became of the workspace's records by minute of arrival: the worker's counts, and beside them what the edge
 * refused before the log. @throws AppError `unavailable`.
 */
export async function readLedger(
  hot: HotStore,
  workspaceId: string,
  atMs: number,
  refusals: ReadonlyMap<number, RefusalCounts>,
): Promise<Ledger> {
  const newestMs = windowStartMs(atMs, MINUTE_MS);
  const minutesMs = Array.from({ length: LEDGER_MINUTES }, (_, i) => newestMs - (LEDGER_MINUTES - 1 - i) * MINUTE_MS);
  const rows = await hot.readFields(
    minutesMs.map((minuteMs) => hotKeys.ledger(workspaceId, minuteMs)),
    OUTCOMES.map((outcome) => `${TOPICS.eventsRaw}/${outcome}`),
  );
  const uncounted = new Map<DeadLetterReason, Uncounted>();
  const minutes = rows.map((row, i): LedgerMinute => {
    const minuteMs = minutesMs[i] ?? 0;
    const counts = row.map((text) => Number(text ?? 0));
    const refused = refusals.get(minuteMs);
    DEAD_LETTER_REASONS.forEach((reason, r) => {
      const onLog = counts[FIRST_DEAD + r] ?? 0;
      const atEdge = refused?.get(reason) ?? 0;
      if (onLog + atEdge === 0) return;
      const before = uncounted.get(reason);
      uncounted.set(reason, {
        onLog: (before?.onLog ?? 0) + onLog,
        atEdge: (before?.atEdge ?? 0) + atEdge,
        lastSeenMs: minuteMs,
      });
    });
    return {
      minuteMs,
      counted: counts[0] ?? 0,
      duplicate: counts[1] ?? 0,
      late: counts[2] ?? 0,
      dead: sum(counts.slice(FIRST_DEAD)),
      refused: sum([...(refused?.values() ?? [])]),
    };
  });
  return { minutes, uncounted };
}

/** By reason, most first: the ledger's own numbers, so that both add up; reasons with older letters are told too. */
export function deadLetterSummaries(
  { uncounted }: Ledger,
  kept: readonly DeadLetterGroup[],
): readonly DeadLetterSummary[] {
  const lastSeen = new Map(kept.map(({ reason, lastSeenMs }) => [reason, lastSeenMs]));
  const reasons = new Set([...uncounted.keys(), ...lastSeen.keys()]);
  const summaries = [...reasons].map((reason): DeadLetterSummary => {
    const { onLog = 0, atEdge = 0, lastSeenMs = 0 } = uncounted.get(reason) ?? {};
    const newestMs = Math.max(lastSeenMs, lastSeen.get(reason) ?? 0);
    return { reason, count: onLog + atEdge, onLog, atEdge, lastSeenMs: newestMs };
  });
  return summaries.sort((a, b) => b.count - a.count || b.lastSeenMs - a.lastSeenMs);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
