import type { NowPayload } from '@ebap/pipeline/contracts';
import type { SeriesResult } from '@ebap/pipeline/semantics';
import type { TimeRange } from '@ebap/ui';
import { useState } from 'react';
import { DEFAULT_TRAILING_MS, RANGE_PRESETS } from './urlState.ts';

/**
 * The span to show where nobody chose one: the shortest offered that holds all there is, at most the default. A young
 * installation fills its charts; an old one shows hours.
 */
export function defaultTrailingMs(overview: SeriesResult, minutes: NowPayload['sparklines'] | null): number {
  const ageMs = overview.asOfMs - dataBeginsMs(overview, minutes);
  const fitting = RANGE_PRESETS.find((preset) => preset.trailingMs >= ageMs);
  return Math.min(fitting?.trailingMs ?? DEFAULT_TRAILING_MS, DEFAULT_TRAILING_MS);
}

/** When data begins: the overview's first step with a value and, where the minutes of the last hour know it, the minute in it. */
function dataBeginsMs(overview: SeriesResult, minutes: NowPayload['sparklines'] | null): number {
  const known = overview.series
    .map((series) => series.values.findIndex((value) => value !== null))
    .filter((index) => index >= 0);
  if (known.length === 0) return overview.asOfMs;
  const stepMs = overview.startMs + Math.min(...known) * overview.stepMs;
  const minute = minutes?.eventsPerSecond.findIndex((value) => value !== null) ?? -1;
  // Known from its first minute on, the hour says nothing of the beginning.
  const minuteMs = minutes && minute > 0 ? minutes.startMs + minute * minutes.stepMs : stepMs;
  return minuteMs < stepMs + overview.stepMs ? Math.max(stepMs, minuteMs) : stepMs;
}

/**
 * The range of a page whose link names none. Decided once, so that it never moves while somebody looks; null until what
 * it is decided by has been answered.
 */
export function useDefaultRange(known: {
  readonly overview: SeriesResult | null;
  readonly now: NowPayload | null;
  readonly isRefused: boolean;
}): TimeRange | null {
  const { overview, now, isRefused } = known;
  const [decided, setDecided] = useState<TimeRange | null>(null);
  if (decided !== null) return decided;
  if ((overview === null || now === null) && !isRefused) return null;
  const trailingMs = overview === null ? DEFAULT_TRAILING_MS : defaultTrailingMs(overview, now?.sparklines ?? null);
  const range: TimeRange = { kind: 'trailing', trailingMs };
  setDecided(range);
  return range;
}
