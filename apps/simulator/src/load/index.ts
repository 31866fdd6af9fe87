/** The load generator's events, for benchmarks that bring the same ones another way. */
export { numberOption } from './numberOption.ts';
export { type LoadOptions, parseLoadOptions } from './options.ts';
export { type QuantileSummary, Quantiles } from './quantiles.ts';
export { type BatchTemplate, buildTemplates } from './templates.ts';
