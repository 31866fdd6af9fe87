import { evenFormat, formatCompact, NO_VALUE } from './number.ts';

/** Money is held in integer units of 1e-4 of its currency. */
const UNITS_PER_ONE = 10_000n;
const LOCALE = 'en-GB';
/** Amounts below this are read with their cents. */
const SMALL_BELOW = 99.995;

/** An exact amount in 1e-4 units; strings are what crosses JSON. */
export type MoneyUnits = bigint | string;

function toBigInt(units: MoneyUnits): bigint | null {
  if (typeof units === 'bigint') return units;
  return /^-?\d+$/.test(units) ? BigInt(units) : null;
}

/** The amount as a float in whole currency: for positions on a chart, never for sums. */
export function moneyToNumber(units: MoneyUnits): number {
  const exact = toBigInt(units);
  if (exact === null) return Number.NaN;
  return Number(exact / UNITS_PER_ONE) + Number(exact % UNITS_PER_ONE) / Number(UNITS_PER_ONE);
}

/** Exact decimal notation, `-12.3400` for `-123400`. */
export function moneyToDecimal(units: MoneyUnits): string {
  const exact = toBigInt(units);
  if (exact === null) return NO_VALUE;
  const size = exact < 0n ? -exact : exact;
  const fraction = (size % UNITS_PER_ONE).toString().padStart(4, '0');
  return `${exact < 0n ? '-' : ''}${size / UNITS_PER_ONE}.${fraction}`;
}

const formats = new Map<string, Intl.NumberFormat>();

function currencyFormat(currency: string): Intl.NumberFormat | null {
  const known = formats.get(currency);
  if (known) return known;
  try {
    const format = new Intl.NumberFormat(LOCALE, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' });
    formats.set(currency, format);
    return format;
  } catch {
    return null; // Not an ISO 4217 code: producers' text is shown as it is.
  }
}

/** The sign people write before an amount: `€`, `$`, `zł`; the code itself when unknown. */
export function currencySymbol(currency: string): string {
  const parts = currencyFormat(currency)?.formatToParts(0) ?? [];
  return parts.find((part) => part.type === 'currency')?.value ?? `${currency} `;
}

/** An exact amount: `€74.90`. Never rounds through a float. */
export function formatMoney(units: MoneyUnits | null | undefined, currency: string): string {
  if (units === null || units === undefined) return NO_VALUE;
  const decimal = moneyToDecimal(units);
  if (decimal === NO_VALUE) return NO_VALUE;
  const format = currencyFormat(currency);
  // Intl formats decimal strings exactly (ECMA-402, Intl.NumberFormat v3); the DOM types still ask for a number.
  return format ? format.format(decimal as unknown as number) : `${decimal} ${currency}`;
}

/** A short amount for tiles, ticks and labels: `€47.50`, `€937`, `€14.7k`, `€1.8M`. */
export function formatMoneyCompact(value: number | null | undefined, currency: string): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_VALUE;
  const sign = value < 0 ? '−' : '';
  const size = Math.abs(value);
  const isSmall = size > 0 && size < SMALL_BELOW;
  return `${sign}${currencySymbol(currency)}${isSmall ? size.toFixed(2) : formatCompact(size)}`;
}

/** As {@link evenFormat}, for a column of amounts in whole currency; with cents if all are small. */
export function evenMoneyFormat(values: readonly number[], currency: string): (value: number) => string {
  const isSmall = values.every((value) => Math.abs(value) < SMALL_BELOW) && values.some((value) => value !== 0);
  const format = isSmall ? (size: number) => size.toFixed(2) : evenFormat(values);
  const symbol = currencySymbol(currency);
  return (value) => `${value < 0 ? '−' : ''}${symbol}${format(Math.abs(value))}`;
}
