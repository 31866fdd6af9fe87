/** Relative activity at each full hour of local time; between hours it runs straight. */
const WEEKDAY = [
  0.36, 0.22, 0.14, 0.1, 0.1, 0.15, 0.32, 0.58, 0.8, 0.95, 1.05, 1.1, 1.22, 1.15, 1.08, 1.08, 1.12, 1.25, 1.42, 1.62,
  1.78, 1.7, 1.3, 0.76,
];
const WEEKEND = [
  0.55, 0.36, 0.22, 0.15, 0.12, 0.13, 0.2, 0.38, 0.68, 1.0, 1.3, 1.42, 1.45, 1.42, 1.42, 1.45, 1.5, 1.52, 1.55, 1.65,
  1.75, 1.65, 1.3, 0.85,
];

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const WEEKLY_MEAN = (5 * mean(WEEKDAY) + 2 * mean(WEEKEND)) / 7;

/** Milliseconds to add to UTC for the zone's local time at that instant. */
export function zoneOffsetMs(zone: string, timeMs: number): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(timeMs);
  const name = parts.find((p) => p.type === 'timeZoneName')?.value ?? 'GMT';
  const match = /^GMT([+-])(\d\d):(\d\d)$/.exec(name);
  if (match === null) return 0;
  const [, sign, hours, minutes] = match;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/** Activity by the zone's hour and day of the week; its mean over a week is 1. */
export class Daylight {
  readonly #zone: string;
  #hour = Number.NaN;
  #offsetMs = 0;

  constructor(zone: string) {
    this.#zone = zone;
  }

  activityAt(timeMs: number): number {
    // Zones change their offset at full or half hours of UTC, so a quarter of an hour shares one.
    const quarter = Math.floor(timeMs / (HOUR_MS / 4));
    if (quarter !== this.#hour) {
      this.#hour = quarter;
      this.#offsetMs = zoneOffsetMs(this.#zone, timeMs);
    }
    const localMs = timeMs + this.#offsetMs;
    const day = Math.floor(localMs / DAY_MS);
    const hours = (localMs - day * DAY_MS) / HOUR_MS;
    const hour = Math.floor(hours);
    const from = curveOf(day)[hour] ?? 0;
    const to = (hour === 23 ? curveOf(day + 1)[0] : curveOf(day)[hour + 1]) ?? 0;
    return (from + (to - from) * (hours - hour)) / WEEKLY_MEAN;
  }
}

/** 1970-01-01 was a Thursday. */
function curveOf(day: number): readonly number[] {
  const weekday = (((day + 4) % 7) + 7) % 7;
  return weekday === 0 || weekday === 6 ? WEEKEND : WEEKDAY;
}
