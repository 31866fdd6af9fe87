/** Points of one series: x ascending; `null` values are gaps. */
export interface SeriesPoints {
  readonly timesMs: readonly number[];
  readonly values: readonly (number | null)[];
}

/**
 * Indices to draw so that a line of `timesMs.length` points fits `maxPoints`, keeping every extreme: per bucket the
 * first, lowest, highest and last point (M4; Jugel et al., VLDB 2014). A bucket with a gap keeps the gap.
 */
export function downsampleIndices(values: readonly (number | null)[], maxPoints: number): readonly number[] {
  const count = values.length;
  if (count <= maxPoints || maxPoints < 4) return Array.from({ length: count }, (_, index) => index);
  const bucketCount = Math.max(1, Math.floor(maxPoints / 4));
  const indices: number[] = [];
  for (let bucket = 0; bucket < bucketCount; bucket += 1) {
    const start = Math.floor((bucket * count) / bucketCount);
    const end = Math.floor(((bucket + 1) * count) / bucketCount);
    indices.push(...bucketExtremes(values, start, end));
  }
  return indices;
}

function bucketExtremes(values: readonly (number | null)[], start: number, end: number): readonly number[] {
  let lowest = start;
  let highest = start;
  let gap = -1;
  for (let index = start; index < end; index += 1) {
    const value = values[index] ?? null;
    if (value === null) {
      gap = index;
      continue;
    }
    if (value < (values[lowest] ?? Number.POSITIVE_INFINITY)) lowest = index;
    if (value > (values[highest] ?? Number.NEGATIVE_INFINITY)) highest = index;
  }
  const kept = new Set([start, lowest, highest, end - 1]);
  if (gap >= 0) kept.add(gap);
  return [...kept].sort((a, b) => a - b);
}

/** The series reduced to at most about `maxPoints` points; unchanged when it already fits. */
export function downsample(points: SeriesPoints, maxPoints: number): SeriesPoints {
  if (points.values.length <= maxPoints) return points;
  const indices = downsampleIndices(points.values, maxPoints);
  return {
    timesMs: indices.map((index) => points.timesMs[index] ?? 0),
    values: indices.map((index) => points.values[index] ?? null),
  };
}
