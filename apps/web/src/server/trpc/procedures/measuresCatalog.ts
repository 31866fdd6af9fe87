import { MEASURE_NAMES, MEASURES, type MeasureDefinition } from '@ebap/pipeline/semantics';
import { permitted } from '../trpc.ts';

/** Every measure with its definition. */
export const measuresCatalog = permitted('read:measures').query((): readonly MeasureDefinition[] =>
  MEASURE_NAMES.map((name) => MEASURES[name]),
);
