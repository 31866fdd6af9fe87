const LOCALE = 'en-GB';
/** A space that keeps the number and its unit on one line. */
export const NBSP = '\u00a0';
/** Shown where a number is not known. Never a zero: zero is a measurement. */
export const NO_VALUE = '–';

const fixedFormats = new Map<number, Intl.NumberFormat>();

function fixed(value: number, digits: number): string {
  let format = fixedFormats.get(digits);
  if (!format) {
    format = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    fixedFormats.set(digits, format);
  }
  return format.format(value);
}

function isUnknown(value: number | null | undefined): value is null | undefined {
  return value === null || value === undefined || !Number.isFinite(value);
}

/** A whole number with separators: `184,302`. */
export function formatCount(value: number | null | undefined): string {
  return isUnknown(value) ? NO_VALUE : fixed(Math.round(value), 0);
}

const SCALES = [
  { from: 1e12, divisor: 1e12, suffix: 'T' },
  { from: 1e9, divisor: 1e9, suffix: 'B' },
  { from: 1e6, divisor: 1e6, suffix: 'M' },
  { from: 1e4, divisor: 1e3, suffix: 'k' },
] as const;

/** A number in at most five characters: `0.42`, `9.3`, `42`, `3,278`, `14.2k`, `1.8M`. */
export function formatCompact(value: number | null | undefined): string {
  if (isUnknown(value)) return NO_VALUE;
  const size = Math.abs(value);
  for (const scale of SCALES) {
    // 9,999.6 would round to 10,000: the next form starts half a unit early.
    if (size >= scale.from - 0.5) {
      const scaled = value / scale.divisor;
      return `${fixed(scaled, Math.abs(scaled) >= 99.95 ? 0 : 1)}${scale.suffix}`;
    }
  }
  if (size === 0) return '0';
  if (size < 0.995) return fixed(value, 2);
  if (size < 99.95 && !Number.isInteger(value)) return fixed(value, 1);
  return fixed(value, 0);
}

const TICK_SCALES = [...SCALES.slice(0, 3), { from: 1e3, divisor: 1e3, suffix: 'k' }] as const;
const TICK_MAX_DIGITS = 3;

/** A tick of an axis whose ticks are `step` apart, as short as it is exact: `5k`, `2.5k`, `0.25`, `1.2M`. */
export function formatTick(value: number, step: number): string {
  if (value === 0) return '0';
  const size = Math.max(Math.abs(value), step);
  const scale = TICK_SCALES.find((one) => size >= one.from);
  const scaled = value / (scale?.divisor ?? 1);
  let digits = 0;
  while (digits < TICK_MAX_DIGITS && Math.abs(scaled - Number(scaled.toFixed(digits))) > 1e-9) digits += 1;
  return `${fixed(scaled, digits)}${scale?.suffix ?? ''}`;
}

/** The label at a line's end: as {@link formatCompact}, but short from a thousand on: `3.3k`. */
export function formatLabel(value: number | null | undefined): string {
  if (isUnknown(value) || Math.abs(value) < 999.5 || Math.abs(value) >= 9_999.5) return formatCompact(value);
  return `${fixed(value / 1e3, 1)}k`;
}

/** Rates: small ones keep their decimals, large ones are whole: `0.42`, `9.3`, `48,213`. */
export function formatRate(value: number | null | undefined): string {
  if (isUnknown(value)) return NO_VALUE;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 10) return fixed(value, size < 1 ? 2 : 1);
  return fixed(value, 0);
}

const EVEN_SCALES = [
  { from: 1e9, divisor: 1e6, suffix: 'M' },
  { from: 1e6, divisor: 1e3, suffix: 'k' },
] as const;

/**
 * One form for all numbers of a column, so that they can be compared by their length: the largest says how many decimals
 * they have, and whether they are in thousands or millions. `5.9, 0.1, 0.0`; `1,004, 88, 0`; `1,204k, 3k`.
 */
export function evenFormat(values: readonly (number | null)[]): (value: number | null) => string {
  const largest = values.reduce<number>((most, value) => Math.max(most, Math.abs(value ?? 0)), 0);
  const scale = EVEN_SCALES.find((one) => largest >= one.from);
  const digits = largest >= 99.95 || largest === 0 ? 0 : largest >= 0.995 ? 1 : 2;
  return (value) =>
    isUnknown(value) ? NO_VALUE : `${fixed(value / (scale?.divisor ?? 1), digits)}${scale?.suffix ?? ''}`;
}

/** A ratio 0..1 as percent: `74.9 %`. */
export function formatPercent(ratio: number | null | undefined, digits = 1): string {
  return isUnknown(ratio) ? NO_VALUE : `${fixed(ratio * 100, digits)}${NBSP}%`;
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Sizes in binary units: `812 B`, `1.4 MiB`. */
export function formatBytes(bytes: number | null | undefined): string {
  if (isUnknown(bytes)) return NO_VALUE;
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1023.95 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${fixed(value, unit === 0 || Math.abs(value) >= 99.95 ? 0 : 1)}${NBSP}${BYTE_UNITS[unit]}`;
}

/** `1 event`, `2 events`. */
export function formatNoun(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${Math.round(count) === 1 ? singular : plural}`;
}
