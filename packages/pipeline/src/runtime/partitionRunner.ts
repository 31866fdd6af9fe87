import { AppError, isAppError } from '../errors/index.ts';
import type { Checkpoint, Lease } from '../ports/checkpointStore.ts';
import { Checkpointer, loadSnapshot } from './checkpointer.ts';
import { retry } from './retry.ts';
import { RunnerLoop } from './runnerLoop.ts';
import { SideSource } from './sideSource.ts';
import { frontierKey, type SourcePosition, savedPosition } from './sourcePosition.ts';
import type { RunnerPorts, RunnerSettings, RunnerStatus, TaskKind, TopicPartition } from './taskKind.ts';
import type { Ticker } from './ticker.ts';

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
  readonly #ticker: Ticker;
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

  /** @param ticker shared by all runners of a worker */
  constructor(kind: TaskKind<Outputs>, ports: RunnerPorts, settings: RunnerSettings, lease: Lease, ticker: Ticker) {
    this.#ticker = ticker;
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
      // Another owner goes on with it: nothing that anybody has to look after.
      if (isAppError(error, 'lease_lost')) throw error;
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
      ticker: this.#ticker,
      settings: this.#settings,
      ticks: this.#kind.ticks,
      report: (status) => {
        this.#status = { ...this.#status, ...status };
      },
    });
    await loop.run(signal);
  }

  /**
   * Where to begin: the frontier, or the log's start without one.
   * @throws AppError `offset_gap` if records are gone, `topic_mismatch` if the checkpoint's offsets are another topic's.
   */
  async #start(source: TopicPartition, saved: Checkpoint | null, signal: AbortSignal): Promise<SourcePosition> {
    const { clock, log } = this.#ports;
    const { topic, partition } = source;
    const topicId = await retry(clock, signal, () => log.topicId(topic));
    const { start, end } = await retry(clock, signal, () => log.offsets(topic, partition));
    const before = savedPosition(saved?.manifest, source);
    if (before.topicId !== null && before.topicId !== topicId)
      throw new AppError(
        'topic_mismatch',
        `${topic} is not the topic that the checkpoint was made on: it was deleted and made anew, or this is another log`,
        { context: { topic, partition, checkpoint: before.topicId, found: topicId } },
      );
    const nextOffset = saved?.frontier[frontierKey(source)] ?? start;
    if (nextOffset < start || nextOffset > end)
      throw new AppError(
        'offset_gap',
        `${topic}/${partition} begins at ${start} and ends at ${end}, the checkpoint needs ${nextOffset}: records are missing`,
        { context: { topic, partition, needed: nextOffset, start, end } },
      );
    return { topic, topicId, partition, nextOffset, appendMs: before.appendMs };
  }
}
