'use client';
import type { SeriesResult } from '@ebap/pipeline/semantics';
import type { TimeRange } from '@ebap/ui';
import { useState } from 'react';
import { DEFAULT_TRAILING_MS, RANGE_PRESETS } from './urlState.ts';

/**
 * The span to show where nobody chose one: the shortest offered that holds all there is, at most the default. A young
 * installation fills its charts; an old one shows hours.
 */
export function defaultTrailingMs(overview: SeriesResult): number {
  const known = overview.series
    .map((series) => series.values.findIndex((value) => value !== null))
    .filter((index) => index >= 0);
  const firstMs = known.length > 0 ? overview.startMs + Math.min(...known) * overview.stepMs : overview.asOfMs;
  const fitting = RANGE_PRESETS.find((preset) => preset.trailingMs >= overview.asOfMs - firstMs);
  return Math.min(fitting?.trailingMs ?? DEFAULT_TRAILING_MS, DEFAULT_TRAILING_MS);
}

/**
 * The range of a page whose link names none. Decided once, so that it never moves while somebody looks; null until the
 * overview has answered.
 */
export function useDefaultRange(overview: SeriesResult | null, isRefused: boolean): TimeRange | null {
  const [decided, setDecided] = useState<TimeRange | null>(null);
  if (decided !== null) return decided;
  if (overview === null && !isRefused) return null;
  const trailingMs = overview === null ? DEFAULT_TRAILING_MS : defaultTrailingMs(overview);
  const range: TimeRange = { kind: 'trailing', trailingMs };
  setDecided(range);
  return range;
}
