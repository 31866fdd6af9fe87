import type { Lease } from '../ports/checkpointStore.ts';
import type { EventLog } from '../ports/eventLog.ts';
import type { LogBatch } from '../ports/logBatch.ts';
import type { SnapshotSource } from '../state/index.ts';
import type { Task } from '../tasks/task.ts';
import type { CheckpointPorts, CheckpointReport } from './checkpointer.ts';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** What a runner needs to know of a kind of task. */
export interface TaskKind<Outputs> {
  readonly name: string;
  /** Topics merged into the primary one, in priority at equal append times; their source numbers are 0, 1, … */
  sides(partition: number): readonly TopicPartition[];
  /** Its source number is the number of sides. */
  primary(partition: number): TopicPartition;
  /**
   * Loads what stepping through a batch of the primary source will need and is not there yet, before it is stepped
   * through; null if nothing is missing. Called again as long as it fails with a retryable fault.
   */
  readonly prepare?: (batch: LogBatch) => (() => Promise<void>) | null;
  /** Whether the owner keeps the primary partition's clock going through silence. */
  readonly ticks: boolean;
  create(partition: number): Task<Outputs>;
  restore(partition: number, source: SnapshotSource): Task<Outputs>;
  /** Opens the effects of one ownership: where outputs go. */
  effects(lease: Lease): TaskEffects<Outputs>;
}

export interface TaskEffects<Outputs> {
  /** Called once after the task was created or restored. */
  restored(task: Task<Outputs>, signal: AbortSignal): Promise<void>;
  /** Makes the outputs durable. Repeating it must be harmless. @throws AppError `lease_lost` for a zombie. */
  emit(outputs: Outputs, task: Task<Outputs>, signal: AbortSignal): Promise<void>;
}

export interface RunnerSettings {
  readonly checkpointEveryMs: number;
  /** A silent partition with recent events is ticked at each multiple of this on the log's clock: the length of a cut. */
  readonly tickEveryMs: number;
  /** The same for one without. */
  readonly idleTickEveryMs: number;
  readonly fetchMaxBytes: number;
}

export interface RunnerPorts extends CheckpointPorts {
  readonly log: EventLog;
}

export interface RunnerStatus {
  readonly state: 'restoring' | 'running' | 'stopped' | 'alarm';
  readonly nextOffset: number;
  readonly endOffset: number;
  readonly watermarkMs: number | null;
  readonly appendMs: number | null;
  /** Records of the primary partition taken in since the runner started. */
  readonly records: number;
  readonly lastCheckpoint: CheckpointReport | null;
  readonly message: string | null;
}
