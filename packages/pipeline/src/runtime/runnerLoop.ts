import { type LogBatch, TICK_HEADER } from '../ports/logBatch.ts';
import type { Task } from '../tasks/task.ts';
import { AppendClock } from './appendClock.ts';
import type { Checkpointer } from './checkpointer.ts';
import { retry } from './retry.ts';
import type { SideSource } from './sideSource.ts';
import type { SourcePosition } from './sourcePosition.ts';
import type { RunnerPorts, RunnerSettings, RunnerStatus, TaskEffects, TaskKind, TopicPartition } from './taskKind.ts';

/** Least time between two ticks of a side: for a busy task the first wakes it, the others come no faster. */
const SIDE_TICK_SPACING_MS = 100;
const SIDE_WAIT_MS = 20;
const TICK_MARK = new Uint8Array([1]);

export interface LoopParts<Outputs> {
  readonly task: Task<Outputs>;
  readonly sides: readonly SideSource[];
  readonly prepare: TaskKind<Outputs>['prepare'];
  /** Where to begin in the primary partition. */
  readonly start: SourcePosition;
  readonly effects: TaskEffects<Outputs>;
  readonly checkpointer: Checkpointer;
  readonly ports: RunnerPorts;
  readonly settings: RunnerSettings;
  readonly ticks: boolean;
  readonly report: (status: Partial<RunnerStatus>) => void;
}

/** The loop itself, once everything is restored. */
export class RunnerLoop<Outputs> {
  readonly #parts: LoopParts<Outputs>;
  readonly #appendClock: AppendClock;
  /** Next offset of the primary partition to take in. */
  #position: number;
  /** Append time of the newest record taken in from there. */
  #appendMs: number;
  #records = 0;
  #lastRecordMs: number;
  #lastCheckpointMs: number;

  constructor(parts: LoopParts<Outputs>) {
    this.#parts = parts;
    this.#position = parts.start.nextOffset;
    this.#appendMs = parts.start.appendMs;
    this.#appendClock = new AppendClock(parts.start.appendMs);
    this.#lastRecordMs = parts.ports.clock.nowMs();
    // The first one comes early: a worker that is killed again and again must still get on.
    this.#lastCheckpointMs = this.#lastRecordMs - parts.settings.checkpointEveryMs * 0.8;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { effects, task, ports, start, settings, checkpointer, report } = this.#parts;
    await effects.restored(task, signal);
    report({ state: 'running' });
    try {
      while (!signal.aborted) {
        checkpointer.check();
        const batch = await retry(ports.clock, signal, () =>
          ports.log.fetch(start.topic, start.partition, this.#position, {
            maxWaitMs: settings.tickAfterMs / 4,
            maxBytes: settings.fetchMaxBytes,
            signal,
          }),
        );
        if (batch.count > 0) await this.#takeIn(this.#appendClock.hold(batch), signal);
        else await this.#tickIfSilent(signal);
        this.#report(batch);
      }
    } finally {
      await checkpointer.settled();
    }
  }

  #report(batch: LogBatch): void {
    this.#parts.report({
      nextOffset: this.#position,
      endOffset: batch.endOffset,
      watermarkMs: this.#parts.task.watermarkMs,
      ...(batch.count > 0 ? { appendMs: batch.appendTimesMs[batch.count - 1] as number } : {}),
      records: this.#records,
      lastCheckpoint: this.#parts.checkpointer.last,
    });
  }

  /** Steps through a batch in merge order. */
  async #takeIn(batch: LogBatch, signal: AbortSignal): Promise<void> {
    const { task, sides, effects, prepare, ports } = this.#parts;
    const source = sides.length;
    this.#lastRecordMs = ports.clock.nowMs();
    const preparing = prepare?.(batch);
    if (preparing) await retry(ports.clock, signal, preparing);
    for (let i = 0; i < batch.count; ) {
      const appendMs = batch.appendTimesMs[i] as number;
      await this.#wakeSides(appendMs, signal);
      for (const side of sides) await this.#mergeSide(side, appendMs, signal);
      let to = i + 1;
      while (to < batch.count && sides.every((s) => s.allows(batch.appendTimesMs[to] as number))) to++;
      const { next, outputs } = task.step(source, batch, i, to);
      this.#records += next - i;
      if (next > i) this.#appendMs = batch.appendTimesMs[next - 1] as number;
      i = next;
      this.#position = i < batch.count ? (batch.offsets[i] as number) : batch.nextOffset;
      if (outputs === null) continue;
      await effects.emit(outputs, task, signal);
      this.#checkpointIfDue(signal);
    }
  }

  /**
   * Where only records tell how far a side is, a silent one would hold the others up: its clock is asked for, of all
   * such sides at once.
   */
  async #wakeSides(appendMs: number, signal: AbortSignal): Promise<void> {
    const { sides, ports } = this.#parts;
    const unknown = sides.filter((side) => side.unknownMs(appendMs) > 0);
    await Promise.all(unknown.map((side) => retry(ports.clock, signal, () => side.read(0, signal))));
    const silent = unknown.filter((side) => side.unknownMs(appendMs) >= SIDE_TICK_SPACING_MS);
    await Promise.all(silent.map((side) => this.#tick(side, signal)));
  }

  /** Reads the side on until it is known past the append time, and hands its records up to there to the task. */
  async #mergeSide(side: SideSource, appendMs: number, signal: AbortSignal): Promise<void> {
    const { task, sides, ports } = this.#parts;
    let waitedFromMs: number | null = null;
    while (!side.isClearAt(appendMs)) {
      side.take(appendMs, (batch, from, to) => {
        task.step(sides.indexOf(side), batch, from, to);
      });
      if (side.isClearAt(appendMs)) return;
      await retry(ports.clock, signal, () => side.read(waitedFromMs === null ? 0 : SIDE_WAIT_MS, signal));
      if (side.unknownMs(appendMs) === 0) continue;
      waitedFromMs ??= ports.clock.nowMs();
      if (ports.clock.nowMs() - waitedFromMs < SIDE_TICK_SPACING_MS) continue;
      await this.#tick(side, signal);
      waitedFromMs = ports.clock.nowMs();
    }
  }

  async #tickIfSilent(signal: AbortSignal): Promise<void> {
    const { ticks, ports, settings, task, start } = this.#parts;
    if (!ticks) return;
    const afterMs = task.hasPending ? settings.tickAfterMs / 4 : settings.tickAfterMs;
    if (ports.clock.nowMs() - this.#lastRecordMs < afterMs) return;
    await this.#tick(start, signal);
    this.#lastRecordMs = ports.clock.nowMs();
  }

  /** Appends a record that carries nothing but the log's clock. Anybody's extra tick is harmless. */
  async #tick(to: TopicPartition, signal: AbortSignal): Promise<void> {
    const { log, clock } = this.#parts.ports;
    await retry(clock, signal, () =>
      log.append(to.topic, [
        { partition: to.partition, key: null, value: null, headers: { [TICK_HEADER]: TICK_MARK } },
      ]),
    );
  }

  #checkpointIfDue(signal: AbortSignal): void {
    const { checkpointer, ports, settings, task, sides, start } = this.#parts;
    if (checkpointer.isRunning || ports.clock.nowMs() - this.#lastCheckpointMs < settings.checkpointEveryMs) return;
    this.#lastCheckpointMs = ports.clock.nowMs();
    const primary = { ...start, nextOffset: this.#position, appendMs: this.#appendMs };
    checkpointer.begin(task, [primary, ...sides.map((side) => side.position)], signal);
  }
}
