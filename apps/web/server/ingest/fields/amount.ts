import { MAX_AMOUNT_UNITS } from '@ebap/pipeline/contracts';

const DECIMAL = /^([+-]?)(\d{0,40})(?:\.(\d{0,400}))?(?:[eE]([+-]?\d{1,4}))?$/;
/** Fraction digits of money: 1e-4 units. */
const SCALE = 4;

/**
 * Money in 1e-4 units from a number or decimal text, rounded half to even; NaN if it is no number or outside
 * 0 … 100 million. Numbers are taken by their shortest decimal text, which is what the producer wrote.
 */
export function amountUnits(value: unknown): number {
  if (typeof value === 'number') {
    if (!(value >= 0 && value <= 1e8)) return Number.NaN;
    const scaled = value * 10_000;
    const rounded = Math.round(scaled);
    // Far from a tie both roads agree; only what is near one needs the digits.
    const distance = Math.abs(scaled - rounded);
    return distance < 0.25 ? rounded + 0 : decimalUnits(String(value)); // + 0: never -0
  }
  return typeof value === 'string' ? decimalUnits(value.trim()) : Number.NaN;
}

/** Decimal text (with or without exponent) in 1e-4 units, rounded half to even; NaN as {@link amountUnits} says. */
export function decimalUnits(text: string): number {
  const parts = DECIMAL.exec(text);
  if (parts === null) return Number.NaN;
  const whole = parts[2] ?? '';
  const fraction = parts[3] ?? '';
  const digits = whole + fraction;
  if (digits === '') return Number.NaN;
  const isZero = /^0*$/.test(digits);
  if (isZero) return 0;
  if (parts[1] === '-') return Number.NaN;
  // value = digits × 10^-exponent, in units of 10^-SCALE
  const shift = SCALE - fraction.length + Number(parts[4] ?? 0);
  const units = shift >= 0 ? scaleUp(digits, shift) : roundHalfEven(digits, -shift);
  return units <= MAX_AMOUNT_UNITS ? units : Number.NaN;
}

function scaleUp(digits: string, zeros: number): number {
  return zeros > 20 ? Number.POSITIVE_INFINITY : Number(digits + '0'.repeat(zeros));
}

/** Drops the last `count` digits, rounding half to even. */
function roundHalfEven(digits: string, count: number): number {
  const padded = digits.padStart(count + 1, '0');
  const kept = Number(padded.slice(0, -count));
  const dropped = padded.slice(-count);
  const half = `5${'0'.repeat(count - 1)}`;
  if (dropped < half) return kept;
  if (dropped > half) return kept + 1;
  return kept % 2 === 0 ? kept : kept + 1;
}
