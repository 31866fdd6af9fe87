import type { DeadLetter, DeadLetterReason } from '@ebap/pipeline/contracts';
import { windowStartMs } from '@ebap/pipeline/time';

const MINUTE_MS = 60_000;

/** How far back refusals of the edge are counted: the ledger's span. */
export const REFUSALS_SPAN_MS = 120 * MINUTE_MS;

/** Refused records of one minute by reason. */
export type RefusalCounts = ReadonlyMap<DeadLetterReason, number>;

/**
 * What the HTTP edge refused, by workspace and minute, added up from its dead letters: they are durable and come from
 * every web process, so that each of them tells the same. An edge letter has an id of its own and is written once;
 * it must be added once.
 */
export class EdgeRefusals {
  readonly #workspaces = new Map<string, Map<number, Map<DeadLetterReason, number>>>();

  add({ workspace, reason, firstSeenMs, omitted }: DeadLetter): void {
    const minuteMs = windowStartMs(firstSeenMs, MINUTE_MS);
    const minutes = entryOf(this.#workspaces, workspace, () => new Map<number, Map<DeadLetterReason, number>>());
    const reasons = entryOf(minutes, minuteMs, () => new Map<DeadLetterReason, number>());
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1 + countOf(omitted));
  }

  /** The workspace's minutes that had any, by their start. */
  minutes(workspaceId: string): ReadonlyMap<number, RefusalCounts> {
    return this.#workspaces.get(workspaceId) ?? new Map();
  }

  /** Forgets what is older than the span. */
  trim(nowMs: number): void {
    const oldestMs = windowStartMs(nowMs - REFUSALS_SPAN_MS, MINUTE_MS);
    for (const [workspace, minutes] of this.#workspaces) {
      for (const minuteMs of minutes.keys()) if (minuteMs < oldestMs) minutes.delete(minuteMs);
      if (minutes.size === 0) this.#workspaces.delete(workspace);
    }
  }
}

function countOf(omitted: number | undefined): number {
  return omitted !== undefined && Number.isSafeInteger(omitted) && omitted > 0 ? omitted : 0;
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
