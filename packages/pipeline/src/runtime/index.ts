/** Runners: the I/O loops round the tasks, over ports only. */
export type { CheckpointPorts, CheckpointReport } from './checkpointer.ts';
export { type DeadLetterSealer, type EventEffectPorts, eventEffects } from './eventEffects.ts';
export { HotWriter } from './hotWriter.ts';
export { PartitionRunner } from './partitionRunner.ts';
export { retry } from './retry.ts';
export { type RollupEffectPorts, rollupEffects } from './rollupEffects.ts';
export type { RunnerPorts, RunnerSettings, RunnerStatus, TaskEffects, TaskKind, TopicPartition } from './taskKind.ts';
export { EVENT_TASK, eventTaskKind, ROLLUP_TASK, rollupTaskKind } from './taskKinds.ts';
export { type GroupSettings, type GroupTask, type OwnedPartition, WorkerGroup } from './workerGroup.ts';
