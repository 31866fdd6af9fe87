/** 2000-01-01: nothing this platform counts happened before it. The worker's check is the same. */
export const OLDEST_TIMESTAMP_MS = 946_684_800_000;

const ISO = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:[Zz]|([+-])(\d\d):?(\d\d))$/;
const DAY_MS = 86_400_000;

let cachedDay = '';
let cachedDayMs = 0;

/** Midnight UTC of `YYYY-MM-DD`, or NaN when there is no such day. Batches are mostly of one day. */
function dayMs(day: string): number {
  if (day === cachedDay) return cachedDayMs;
  const year = Number(day.slice(0, 4));
  const month = Number(day.slice(5, 7));
  const date = Number(day.slice(8, 10));
  const ms = Date.UTC(year, month - 1, date);
  if (month < 1 || month > 12 || date < 1 || new Date(ms).getUTCDate() !== date) return Number.NaN;
  cachedDay = day;
  cachedDayMs = ms;
  return ms;
}

/**
 * The time in ms since the epoch, from ISO-8601 text with a zone (RFC 3339, also without seconds) or a number of
 * epoch milliseconds; NaN for anything else. A text without zone means a different time to everybody, so it is
 * refused. Fractions below a millisecond are cut off; leap seconds count as the second after.
 */
export function timestampMs(value: unknown): number {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.floor(value) : Number.NaN;
  if (typeof value !== 'string' || value.length > 40) return Number.NaN;
  const parts = ISO.exec(value);
  if (parts === null) return Number.NaN;
  const hours = Number(parts[4]);
  const minutes = Number(parts[5]);
  const seconds = parts[6] === undefined ? 0 : Number(parts[6]);
  if (hours > 23 || minutes > 59 || seconds > 60) return Number.NaN;
  const fraction = parts[7];
  const ms = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
  const offsetMs = zoneOffsetMs(parts[8], parts[9], parts[10]);
  const timeOfDayMs = ((hours * 60 + minutes) * 60 + seconds) * 1_000 + ms;
  return dayMs(value.slice(0, 10)) + timeOfDayMs - offsetMs;
}

function zoneOffsetMs(sign: string | undefined, hours: string | undefined, minutes: string | undefined): number {
  if (sign === undefined) return 0;
  const ms = (Number(hours) * 60 + Number(minutes)) * 60_000;
  if (ms > DAY_MS || Number(minutes) > 59) return Number.NaN;
  return sign === '-' ? -ms : ms;
}
