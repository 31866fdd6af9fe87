/** The ports: what the pipeline needs of the world. One adapter per profile, one conformance suite for both. */
export type { ChangeStream, ChangeStreamStatus, DeliveredChanges } from './changeStream.ts';
export type {
  Checkpoint,
  CheckpointCommit,
  CheckpointStore,
  CommitResult,
  Frontier,
  Lease,
  StateManifest,
  StateSegment,
} from './checkpointStore.ts';
export type { Clock } from './clock.ts';
export type {
  AppendAck,
  AppendRecord,
  EventLog,
  FetchOptions,
  PartitionOffsets,
  RetentionReport,
  TopicSpec,
} from './eventLog.ts';
export type { FileIO } from './fileIo.ts';
export {
  type FoundFence,
  type HotChange,
  type HotFence,
  type HotFlush,
  type HotFlushResult,
  type HotStore,
  type HotWrite,
  MAX_FLUSH_FIELDS,
} from './hotStore.ts';
export { type BatchRecord, type LogBatch, type LogHeaders, packBatch, recordAt, TICK_HEADER } from './logBatch.ts';
export type { CompatibilityResult, RegisteredSchema, SchemaRegistry } from './schemaRegistry.ts';
