import { formatClock, formatDay, zoneOffsetMs } from '../format/time.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const STEPS_MS = [
  MINUTE_MS,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
  2 * DAY_MS,
  7 * DAY_MS,
] as const;

export interface TimeTick {
  readonly timeMs: number;
  readonly label: string;
  /** Midnight in the zone; its label is the day. */
  readonly isDayStart: boolean;
}

/** A span a little over a round number of steps may have one tick more rather than half as many. */
const SLACK = 0.9;

/** The smallest round step that gives about `maxTicks` ticks at most. */
export function timeStepMs(spanMs: number, maxTicks: number): number {
  const wanted = spanMs / Math.max(1, maxTicks);
  return STEPS_MS.find((step) => step >= wanted * SLACK) ?? Math.ceil(wanted / (7 * DAY_MS)) * 7 * DAY_MS;
}

/**
 * Ticks of a time axis at round local times of an IANA zone, `fromMs` ≤ tick ≤ `toMs`.
 * Steps over a clock change stay at round local times: an hour may then be missing or double.
 */
export function timeTicks(fromMs: number, toMs: number, zone: string, maxTicks: number): readonly TimeTick[] {
  if (!(toMs > fromMs)) return [];
  const stepMs = timeStepMs(toMs - fromMs, maxTicks);
  const ticks: TimeTick[] = [];
  const firstLocalMs = Math.ceil((fromMs + zoneOffsetMs(fromMs, zone)) / stepMs) * stepMs;
  for (let localMs = firstLocalMs; ; localMs += stepMs) {
    const timeMs = localToUtcMs(localMs, zone);
    if (timeMs > toMs) return ticks;
    if (timeMs < fromMs) continue;
    const isDayStart = localMs % DAY_MS === 0;
    ticks.push({ timeMs, isDayStart, label: isDayStart ? formatDay(timeMs, zone) : formatClock(timeMs, zone) });
  }
}

/** Two rounds are enough: the second sees the offset that holds near the answer. */
function localToUtcMs(localMs: number, zone: string): number {
  const guessMs = localMs - zoneOffsetMs(localMs, zone);
  return localMs - zoneOffsetMs(guessMs, zone);
}
