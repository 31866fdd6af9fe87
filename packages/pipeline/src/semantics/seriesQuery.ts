import { z } from 'zod';
import { ACTIONS, GRAINS, PLATFORMS, TIERS } from '../contracts/dimensions.ts';
import { HOT_WINDOW_TTL_MS } from '../hot/retention.ts';
import { MEASURE_NAMES, MEASURES, type MeasureDefinition, type MeasureName, type Unit } from './measures.ts';

const region = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-z0-9][a-z0-9-]*$/);

/** Longest range that the hot store keeps. */
export const HOT_RANGE_MS = 24 * 3_600_000;

/** A question to the semantic layer. The same object is asked live (hot store) and historical (SQL). */
export const seriesQuerySchema = z.object({
  measure: z.enum(MEASURE_NAMES as [MeasureName, ...MeasureName[]]),
  filter: z
    .object({
      region: region.optional(),
      platform: z.enum(PLATFORMS).optional(),
      tier: z.enum(TIERS).optional(),
      action: z.enum(ACTIONS).optional(),
    })
    .strict()
    .default({}),
  by: z.enum(['region', 'platform', 'tier', 'action']).nullable().default(null),
  grain: z.enum(GRAINS),
  /** The last `trailingMs` up to now; follows the clock of the data. */
  range: z.object({ trailingMs: z.number().int().min(60_000).max(HOT_RANGE_MS) }).strict(),
});

export type SeriesQuery = z.infer<typeof seriesQuerySchema>;
export type SeriesFilter = SeriesQuery['filter'];

export type QueryProblem = {
  readonly code: 'unsupported_range' | 'unknown_dimension' | 'unsupported_grain' | 'undeclared_grouping';
  readonly message: string;
};

/** Why the semantic layer can't answer, or null. Groupings other than the declared sets can't be answered exactly. */
export function checkQuery(query: SeriesQuery): QueryProblem | null {
  const measure: MeasureDefinition = MEASURES[query.measure];
  if (!measure.grains.includes(query.grain))
    return {
      code: 'unsupported_grain',
      message: `${measure.title} has no ${query.grain} windows; use ${measure.grains.join(', ')}`,
    };
  if (query.grain === '10s' && query.range.trailingMs > HOT_WINDOW_TTL_MS['10s'])
    return { code: 'unsupported_range', message: '10 s windows are kept for two hours; use 1 m for longer ranges' };
  const used = new Set([
    ...Object.keys(query.filter).filter((k) => query.filter[k as keyof SeriesFilter] !== undefined),
    query.by ?? '',
  ]);
  used.delete('');
  for (const d of used)
    if (!measure.dimensions.some((m) => m === d))
      return { code: 'unknown_dimension', message: `${measure.title} is not kept by ${d}` };
  used.delete('action');
  const groups = [...used].sort().join(',');
  if (!['', 'region', 'platform', 'tier', 'platform,region'].includes(groups))
    return {
      code: 'undeclared_grouping',
      message: `no exact windows are kept for ${groups} together; declared are region, platform, tier, region with platform`,
    };
  return null;
}

/** One line of a chart. All arrays have one entry per step of the result; null = nothing known for that step. */
export interface Series {
  /** `*` or the value of the `by` dimension. */
  readonly key: string;
  readonly label: string;
  /** In the result's unit; money in 1e-4 units of the currency (integers). */
  readonly values: readonly (number | null)[];
  /** For ratios: what the value is made of, so that ranges can be summed up correctly. */
  readonly numerators?: readonly (number | null)[];
  readonly denominators?: readonly (number | null)[];
}

export interface SeriesResult {
  readonly unit: Unit;
  /** ISO 4217, for money. */
  readonly currency: string | null;
  readonly source: 'live';
  /** Time of step i = startMs + i * stepMs (start of the half-open window). */
  readonly startMs: number;
  readonly stepMs: number;
  readonly steps: number;
  readonly series: readonly Series[];
  /** Append time up to which the numbers are complete but for late arrivals. */
  readonly asOfMs: number;
  /** Windows that end at or before this are final; later ones are provisional. */
  readonly finalThroughMs: number;
}
