/** A value axis from `min` to `max` with `ticks` at round steps. */
export interface ValueScale {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly ticks: readonly number[];
}

const ROUND_STEPS = [1, 2, 2.5, 5, 10] as const;

function roundStep(rawStep: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(rawStep));
  const fraction = rawStep / magnitude;
  const step = ROUND_STEPS.find((candidate) => fraction <= candidate + 1e-9) ?? 10;
  return step * magnitude;
}

/** How a value axis may lie round its data. */
export interface ScaleOptions {
  /** Rates and counts start at 0; otherwise the axis hugs the data. */
  readonly fromZero: boolean;
  /** Wished number of steps; the result has at most two more. */
  readonly tickCount: number;
  /** The axis spans at least this much: small changes are not to look like large ones. */
  readonly minSpan?: number | undefined;
  /** Values lie between these by their nature, as a ratio between 0 and 1; the axis goes no further. */
  readonly limits?: readonly [number, number] | undefined;
}

/** Round axis that holds all values. */
export function valueScale(values: Iterable<number>, options: ScaleOptions): ValueScale {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) [low, high] = [0, 1];
  if (options.fromZero) low = Math.min(0, low);
  // Below what a float can step through, all values are one.
  if (high - low <= Math.max(1e-9, Math.abs(low) * 1e-9))
    high = low + Math.max(Math.abs(low) * 0.1, low === 0 ? 1 : 1e-6);
  const missing = (options.minSpan ?? 0) - (high - low);
  if (missing > 0) {
    low = Math.max(low - missing / 2, options.limits?.[0] ?? Number.NEGATIVE_INFINITY);
    high = Math.min(low + (options.minSpan ?? 0), options.limits?.[1] ?? Number.POSITIVE_INFINITY);
  }
  const step = roundStep((high - low) / Math.max(1, options.tickCount));
  const min = Math.floor(low / step + 1e-9) * step;
  const max = Math.ceil(high / step - 1e-9) * step;
  const count = Math.round((max - min) / step);
  const ticks = Array.from({ length: count + 1 }, (_, index) => clean(min + index * step, step));
  return { min: clean(min, step), max: clean(max, step), step, ticks };
}

/** Removes float dust such as 0.30000000000000004. */
function clean(value: number, step: number): number {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(step)));
  return Number(value.toFixed(Math.min(20, digits)));
}

/** Linear map of a value to a position; `from` maps to `start`, `to` to `end`. */
export function project(value: number, from: number, to: number, start: number, end: number): number {
  return to === from ? start : start + ((value - from) / (to - from)) * (end - start);
}
