/** The semantic layer: what is measured, how to ask for it, what an answer looks like. */
export {
  type Dimension,
  MEASURE_NAMES,
  MEASURES,
  type MeasureDefinition,
  type MeasureName,
  type Unit,
} from './measures.ts';
export {
  checkQuery,
  HOT_RANGE_MS,
  type QueryProblem,
  type Series,
  type SeriesFilter,
  type SeriesQuery,
  type SeriesResult,
  seriesQuerySchema,
} from './seriesQuery.ts';
