import { AppError } from '../errors/index.ts';
import type { Checkpoint, Lease } from '../ports/checkpointStore.ts';
import type { EventLog } from '../ports/eventLog.ts';
import type { LogBatch } from '../ports/logBatch.ts';
import type { SnapshotSource } from '../state/index.ts';
import type { Task } from '../tasks/task.ts';
import { type SourcePosition, savedAppendMs } from './appendClock.ts';
import { Checkpointer, type CheckpointPorts, loadSnapshot } from './checkpointer.ts';
import { retry } from './retry.ts';
import { RunnerLoop } from './runnerLoop.ts';
import { SideSource } from './sideSource.ts';

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
  /** Silence after which the owner ticks; a quarter of it while outputs wait. */
  readonly tickAfterMs: number;
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
  readonly lastCheckpoint: Checkpointer['last'];
  readonly message: string | null;
}

/**
 * Owns the I/O loop round one task's partition: restore, fetch, merge by append time, step, emit, checkpoint. Runs
 * until the signal aborts or a fault ends the ownership; everything it did and did not commit is done again, with
 * the same result, by the next owner.
 */
export class PartitionRunner<Outputs> {
  readonly #kind: TaskKind<Outputs>;
  readonly #ports: RunnerPorts;
  readonly #settings: RunnerSettings;
  readonly #lease: Lease;
  #status: RunnerStatus = {
    state: 'restoring',
    nextOffset: 0,
    endOffset: 0,
    watermarkMs: null,
    appendMs: null,
    records: 0,
    lastCheckpoint: null,
    message: null,
  };

  constructor(kind: TaskKind<Outputs>, ports: RunnerPorts, settings: RunnerSettings, lease: Lease) {
    this.#kind = kind;
    this.#ports = ports;
    this.#settings = settings;
    this.#lease = lease;
  }

  get lease(): Lease {
    return this.#lease;
  }

  get status(): RunnerStatus {
    return this.#status;
  }

  /** Resolves when the signal aborts. @throws AppError when the ownership is lost or the partition can't go on. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#run(signal);
    } catch (error) {
      if (signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      this.#status = { ...this.#status, state: 'alarm', message };
      throw error;
    } finally {
      if (this.#status.state !== 'alarm') this.#status = { ...this.#status, state: 'stopped' };
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { store, clock, log } = this.#ports;
    const { partition } = this.#lease;
    const saved = await retry(clock, signal, () => store.load(this.#kind.name, partition));
    const task =
      saved === null
        ? this.#kind.create(partition)
        : this.#kind.restore(partition, await loadSnapshot(this.#ports, saved.manifest, signal));
    const sides: SideSource[] = [];
    for (const side of this.#kind.sides(partition))
      sides.push(new SideSource(log, await this.#start(side, saved, signal)));
    const loop = new RunnerLoop({
      task,
      sides,
      prepare: this.#kind.prepare,
      start: await this.#start(this.#kind.primary(partition), saved, signal),
      effects: this.#kind.effects(this.#lease),
      checkpointer: new Checkpointer(this.#ports, this.#lease, saved?.frontier ?? null, saved?.manifest ?? null),
      ports: this.#ports,
      settings: this.#settings,
      ticks: this.#kind.ticks,
      report: (status) => {
        this.#status = { ...this.#status, ...status };
      },
    });
    await loop.run(signal);
  }

  /** Where to begin: the frontier, or the log's start without one. @throws AppError `offset_gap` if records are gone. */
  async #start(source: TopicPartition, saved: Checkpoint | null, signal: AbortSignal): Promise<SourcePosition> {
    const { topic, partition } = source;
    const { start, end } = await retry(this.#ports.clock, signal, () => this.#ports.log.offsets(topic, partition));
    const nextOffset = saved?.frontier[frontierKey(source)] ?? start;
    if (nextOffset < start || nextOffset > end)
      throw new AppError(
        'offset_gap',
        `${topic}/${partition} begins at ${start} and ends at ${end}, the checkpoint needs ${nextOffset}: records are missing`,
        { context: { topic, partition, needed: nextOffset, start, end } },
      );
    return { topic, partition, nextOffset, appendMs: savedAppendMs(saved?.manifest, source) };
  }
}

function frontierKey(source: TopicPartition): string {
  return `${source.topic}/${source.partition}`;
}
