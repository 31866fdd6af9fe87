const LOCALE = 'en-GB';
const MINUTE_MS = 60_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone}|${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: zone, hourCycle: 'h23' });
    formats.set(key, format);
  }
  return format;
}

/** How finely a clock time is shown. */
export type ClockPrecision = 'minute' | 'second' | 'tenth';

const CLOCK_OPTIONS: Record<ClockPrecision, Intl.DateTimeFormatOptions> = {
  minute: { hour: '2-digit', minute: '2-digit' },
  second: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  tenth: { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 1 },
};

/** `14:32`, `14:32:06` or `14:32:06.9` in an IANA zone. */
export function formatClock(timeMs: number, zone: string, precision: ClockPrecision = 'minute'): string {
  return dateFormat(zone, CLOCK_OPTIONS[precision]).format(timeMs);
}

/** `Fri 27 Nov`. */
export function formatDay(timeMs: number, zone: string): string {
  return dateFormat(zone, { weekday: 'short', day: 'numeric', month: 'short' }).format(timeMs).replace(',', '');
}

/** The zone's short name at that moment: `CET`, `GMT+5:30`. */
export function zoneName(timeMs: number, zone: string): string {
  const parts = dateFormat(zone, { timeZoneName: 'short' }).formatToParts(timeMs);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? zone;
}

/** The zone as people check it: `CET, UTC+1`; `UTC` alone for UTC. */
export function zoneLabel(timeMs: number, zone: string): string {
  const name = zoneName(timeMs, zone);
  const offset = offsetLabel(zoneOffsetMs(timeMs, zone));
  return name === 'UTC' || name.startsWith('GMT') ? offset : `${name}, ${offset}`;
}

function offsetLabel(offsetMs: number): string {
  if (offsetMs === 0) return 'UTC';
  const minutes = Math.abs(offsetMs) / MINUTE_MS;
  const rest = minutes % 60;
  const sign = offsetMs < 0 ? '−' : '+';
  return `UTC${sign}${Math.floor(minutes / 60)}${rest ? `:${String(rest).padStart(2, '0')}` : ''}`;
}

/** Local minus UTC at that moment, in ms; whole minutes. */
export function zoneOffsetMs(timeMs: number, zone: string): number {
  const parts = dateFormat(zone, {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(timeMs);
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((entry) => entry.type === type)?.value);
  const localMs = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
  return localMs - Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
}

/** `14:32:05 CET`. */
export function formatClockWithZone(timeMs: number, zone: string, precision: ClockPrecision = 'minute'): string {
  return `${formatClock(timeMs, zone, precision)} ${zoneName(timeMs, zone)}`;
}

/** `Fri 27 Nov, 14:32:05 CET`: everything one needs to quote a moment. */
export function formatMoment(timeMs: number, zone: string, precision: ClockPrecision = 'second'): string {
  return `${formatDay(timeMs, zone)}, ${formatClockWithZone(timeMs, zone, precision)}`;
}

/** A span as briefly as it stays unambiguous: `Fri 27 Nov, 11:32 – 14:32`. */
export function formatSpan(fromMs: number, toMs: number, zone: string): string {
  const fromDay = formatDay(fromMs, zone);
  const toDay = formatDay(toMs, zone);
  const from = formatClock(fromMs, zone);
  const to = formatClock(toMs, zone);
  return fromDay === toDay ? `${fromDay}, ${from} – ${to}` : `${fromDay}, ${from} – ${toDay}, ${to}`;
}

/** True if this runtime knows the IANA zone. */
export function isZone(zone: string): boolean {
  try {
    dateFormat(zone, {});
    return true;
  } catch {
    return false;
  }
}
