/** Adding up the partitions' cuts to windows. */
export { type RollupOutputs, RollupTask, type RollupTaskConfig } from './rollupTask.ts';
