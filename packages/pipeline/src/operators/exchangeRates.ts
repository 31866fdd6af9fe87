/** Rates are kept as integers of 1e-10 units of the pivot currency per unit, exactly as Postgres' numeric(20,10) says. */
const RATE_SCALE = 10n;

interface RateVersion {
  readonly validFromMs: number;
  readonly rate: bigint;
}

/** Converts amounts into a workspace's currency, at the rates valid at a time. Integer arithmetic, half to even. */
export class ExchangeRates {
  #versions = new Map<number, RateVersion[]>();

  /**
   * `rate`: decimal text, price of one unit of the currency in the pivot; one that is no number above 0 is ignored.
   * `currency`: see `currencyCode`.
   */
  put(currency: number, validFromMs: number, rate: string): void {
    const parsed = parseRate(rate);
    if (parsed === null || !Number.isFinite(validFromMs)) return;
    const version = { validFromMs, rate: parsed };
    const others = (this.#versions.get(currency) ?? []).filter((v) => v.validFromMs !== validFromMs);
    this.#versions.set(
      currency,
      [...others, version].sort((a, b) => a.validFromMs - b.validFromMs),
    );
  }

  remove(currency: number, validFromMs: number): void {
    const rest = (this.#versions.get(currency) ?? []).filter((v) => v.validFromMs !== validFromMs);
    this.#versions.set(currency, rest);
  }

  #at(currency: number, timeMs: number): bigint | null {
    const versions = this.#versions.get(currency);
    if (versions === undefined) return null;
    for (let i = versions.length - 1; i >= 0; i--) {
      const v = versions[i] as RateVersion;
      if (v.validFromMs <= timeMs) return v.rate;
    }
    return null;
  }

  /** 1e-4 units of `to`, or null if a rate is missing at that time. */
  convert(units: number, from: number, to: number, timeMs: number): number | null {
    if (from === to) return units;
    const source = this.#at(from, timeMs);
    const target = this.#at(to, timeMs);
    if (source === null || target === null) return null;
    return Number(divideHalfEven(BigInt(units) * source, target));
  }

  toJSON(): readonly (readonly [currency: number, validFromMs: number, rate: string])[] {
    return [...this.#versions].flatMap(([c, vs]) => vs.map((v) => [c, v.validFromMs, formatRate(v.rate)] as const));
  }

  static fromJSON(rates: ReturnType<ExchangeRates['toJSON']>): ExchangeRates {
    const table = new ExchangeRates();
    for (const [currency, validFromMs, rate] of rates) table.put(currency, validFromMs, rate);
    return table;
  }
}

/** Null unless the text is a plain decimal above 0. */
function parseRate(text: string): bigint | null {
  if (!/^(\d{1,18}(\.\d*)?|\.\d+)$/.test(text)) return null;
  const [whole = '0', fraction = ''] = text.split('.');
  const digits = fraction.slice(0, Number(RATE_SCALE)).padEnd(Number(RATE_SCALE), '0');
  const rate = BigInt(whole || '0') * 10n ** RATE_SCALE + BigInt(digits);
  return rate > 0n ? rate : null;
}

function formatRate(rate: bigint): string {
  const scale = 10n ** RATE_SCALE;
  return `${rate / scale}.${(rate % scale).toString().padStart(Number(RATE_SCALE), '0')}`;
}

/** Both arguments are ≥ 0, `by` > 0. */
function divideHalfEven(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  const twice = (value % by) * 2n;
  if (twice < by || (twice === by && quotient % 2n === 0n)) return quotient;
  return quotient + 1n;
}
