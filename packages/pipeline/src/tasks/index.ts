/** The reducers. Simulation, tests and production run the same ones. */
export {
  type AddressedPartial,
  EVENT_SOURCES,
  type EventOutputs,
  EventTask,
  type EventTaskConfig,
  type RejectedRecord,
} from './event/index.ts';
export { type RollupOutputs, RollupTask, type RollupTaskConfig } from './rollup/index.ts';
export type { StepResult, Task } from './task.ts';
