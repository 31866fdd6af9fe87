import type { LogBatch } from '../ports/logBatch.ts';
import type { SnapshotSink } from '../state/index.ts';

/**
 * A task: a reducer over the merged records of its sources. It reads no clock; the same records in the same order
 * give the same outputs, however they are batched.
 */
export interface Task<Outputs> {
  /**
   * Takes in records `[from, to)` of a batch from one of the task's sources, in merge order, and stops early when
   * outputs are due. Returns how far it came and those outputs.
   */
  step(source: number, batch: LogBatch, from: number, to: number): StepResult<Outputs>;

  /** True while records were taken in whose outputs are not due yet: the log's clock must move on for them. */
  readonly hasPending: boolean;

  /** Watermark of the task's primary partition, ms; null = none yet. */
  readonly watermarkMs: number | null;

  /**
   * Writes the state to the sink. Only called between a step that returned outputs and the next one, so that no
   * half-finished cut has to be kept.
   */
  snapshot(sink: SnapshotSink): void;
}

export interface StepResult<Outputs> {
  /** Index of the first record not taken in. */
  readonly next: number;
  readonly outputs: Outputs | null;
}
