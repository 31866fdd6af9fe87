/** The reducers. Simulation, tests and production run the same ones. */
export {
  type AddressedPartial,
  EVENT_SOURCES,
  type EventOutputs,
  EventTask,
  type EventTaskConfig,
  onlySchema,
  type RejectedRecord,
  type Rewrite,
  type SchemaVersions,
  wireSchemaId,
} from './event/index.ts';
export { type RollupOutputs, RollupTask, type RollupTaskConfig } from './rollup/index.ts';
export type { StepResult, Task } from './task.ts';
