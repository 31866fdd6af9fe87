/** How far behind a worker was at many moments. */
export class LagSeries {
  readonly #lags: number[] = [];

  add(records: number): void {
    this.#lags.push(records);
  }

  /** Means of the thirds: a platform that keeps up has no trend. */
  summary(): Readonly<Record<'firstThird' | 'secondThird' | 'lastThird' | 'max', number>> {
    const third = Math.max(1, Math.floor(this.#lags.length / 3));
    const mean = (lags: readonly number[]): number =>
      Math.round(lags.reduce((a, b) => a + b, 0) / Math.max(1, lags.length));
    return {
      firstThird: mean(this.#lags.slice(0, third)),
      secondThird: mean(this.#lags.slice(third, -third)),
      lastThird: mean(this.#lags.slice(-third)),
      max: Math.max(0, ...this.#lags),
    };
  }
}
