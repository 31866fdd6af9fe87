export { type ScannedBatches, scanBatches } from './recordBatches.ts';
export { decodeColumns, type RecordColumns } from './recordColumns.ts';
export { TICK_KEY } from './ticks.ts';
