import { NBSP, NO_VALUE } from './number.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** A duration with at most two units: `412 ms`, `1.8 s`, `34 min`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(durationMs: number | null | undefined): string {
  if (durationMs === null || durationMs === undefined || !Number.isFinite(durationMs)) return NO_VALUE;
  if (durationMs < 0) return `−${formatDuration(-durationMs)}`;
  if (durationMs < 999.5) return `${Math.round(durationMs)}${NBSP}ms`;
  if (durationMs < 9_950) return `${(durationMs / SECOND_MS).toFixed(1)}${NBSP}s`;
  if (durationMs < MINUTE_MS - 500) return `${Math.round(durationMs / SECOND_MS)}${NBSP}s`;
  if (durationMs < HOUR_MS) return twoUnits(durationMs, MINUTE_MS, 'min', SECOND_MS, 's', 10);
  if (durationMs < DAY_MS) return twoUnits(durationMs, HOUR_MS, 'h', MINUTE_MS, 'min', 24);
  return twoUnits(durationMs, DAY_MS, 'd', HOUR_MS, 'h', 10);
}

/** `bigMax`: from this many big units on, the small unit is noise. */
function twoUnits(ms: number, bigMs: number, big: string, smallMs: number, small: string, bigMax: number): string {
  const totalSmall = Math.round(ms / smallMs);
  const perBig = bigMs / smallMs;
  const bigCount = Math.floor(totalSmall / perBig);
  const smallCount = totalSmall - bigCount * perBig;
  if (bigCount >= bigMax) return `${Math.round(ms / bigMs)}${NBSP}${big}`;
  if (smallCount === 0) return `${bigCount}${NBSP}${big}`;
  return `${bigCount}${NBSP}${big} ${smallCount}${NBSP}${small}`;
}

/** How long ago, in one unit: `now`, `2 s ago`, `4 min ago`. A time ahead of the clock is `now`. */
export function formatAge(ageMs: number): string {
  if (!Number.isFinite(ageMs)) return NO_VALUE;
  if (ageMs < SECOND_MS) return 'now';
  if (ageMs < MINUTE_MS) return `${Math.floor(ageMs / SECOND_MS)}${NBSP}s ago`;
  if (ageMs < HOUR_MS) return `${Math.floor(ageMs / MINUTE_MS)}${NBSP}min ago`;
  if (ageMs < DAY_MS) return `${Math.floor(ageMs / HOUR_MS)}${NBSP}h ago`;
  return `${Math.floor(ageMs / DAY_MS)}${NBSP}d ago`;
}
