import type { LogBatch } from '../ports/logBatch.ts';
import type { Task } from '../tasks/task.ts';
import { AppendClock } from './appendClock.ts';
import type { Checkpointer } from './checkpointer.ts';
import { retry } from './retry.ts';
import type { SideSource } from './sideSource.ts';
import type { SourcePosition } from './sourcePosition.ts';
import type { RunnerPorts, RunnerSettings, RunnerStatus, TaskEffects, TaskKind } from './taskKind.ts';
import type { Ticker } from './ticker.ts';

/** A partition with an event in this time is kept as current as one with events all the time. */
const ACTIVE_MS = 10_000;
const SIDE_WAIT_MS = 20;

export interface LoopParts<Outputs> {
  readonly task: Task<Outputs>;
  readonly sides: readonly SideSource[];
  readonly prepare: TaskKind<Outputs>['prepare'];
  /** Where to begin in the primary partition. */
  readonly start: SourcePosition;
  readonly effects: TaskEffects<Outputs>;
  readonly checkpointer: Checkpointer;
  readonly ports: RunnerPorts;
  readonly ticker: Ticker;
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
  #isAtEnd = false;
  /** When a record of the primary partition came, and when one came that is no tick. */
  #heardMs: number;
  #activeMs = Number.NEGATIVE_INFINITY;
  #lastCheckpointMs: number;

  constructor(parts: LoopParts<Outputs>) {
    this.#parts = parts;
    this.#position = parts.start.nextOffset;
    this.#appendMs = parts.start.appendMs;
    this.#appendClock = new AppendClock(parts.start.appendMs);
    this.#heardMs = parts.ports.clock.nowMs();
    // The first one comes early: a worker that is killed again and again must still get on.
    this.#lastCheckpointMs = this.#heardMs - parts.settings.checkpointEveryMs * 0.8;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { effects, task, ports, start, settings, checkpointer, ticks, report } = this.#parts;
    await effects.restored(task, signal);
    report({ state: 'running' });
    try {
      while (!signal.aborted) {
        checkpointer.check();
        const batch = await retry(ports.clock, signal, () =>
          ports.log.fetch(start.topic, start.partition, this.#position, {
            maxWaitMs: ticks ? this.#untilTickMs : settings.tickEveryMs,
            maxBytes: settings.fetchMaxBytes,
            signal,
          }),
        );
        this.#isAtEnd = batch.nextOffset >= batch.endOffset;
        report({ endOffset: batch.endOffset });
        if (batch.count > 0) await this.#takeIn(this.#appendClock.hold(batch), signal);
        else if (ticks && this.#untilTickMs === 0) await this.#tick(this.#appendMs, signal);
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
    this.#heardMs = ports.clock.nowMs();
    if (batch.ticks.subarray(0, batch.count).includes(0)) this.#activeMs = this.#heardMs;
    const preparing = prepare?.(batch);
    if (preparing) await retry(ports.clock, signal, preparing);
    for (let i = 0; i < batch.count; ) {
      const appendMs = batch.appendTimesMs[i] as number;
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
      // A batch can hold minutes of work.
      this.#parts.report({ nextOffset: this.#position, records: this.#records });
      this.#checkpointIfDue(signal);
    }
  }

  /** Reads the side on until it is known past the append time, and hands its records up to there to the task. */
  async #mergeSide(side: SideSource, appendMs: number, signal: AbortSignal): Promise<void> {
    const { task, sides, ports, settings } = this.#parts;
    // By the worker's own clock: the log's may have been misread, as by one that was stopped before an answer came.
    const noLaterMs = ports.clock.nowMs() + settings.tickEveryMs;
    for (let isFirst = true; !side.isClearAt(appendMs); isFirst = false) {
      side.take(appendMs, (batch, from, to) => {
        task.step(sides.indexOf(side), batch, from, to);
      });
      if (side.isClearAt(appendMs)) return;
      await this.#read(side, isFirst ? 0 : SIDE_WAIT_MS, signal);
      if (side.unknownMs(appendMs) > 0) await this.#learn(side, appendMs, noLaterMs, signal);
    }
  }

  /**
   * Where only records tell how far a side is, a silent one would hold the others up. Nothing comes out before the
   * record's cut ends: until then the side may tell by itself, then its clock is asked for.
   */
  async #learn(side: SideSource, appendMs: number, noLaterMs: number, signal: AbortSignal): Promise<void> {
    const { settings, ports } = this.#parts;
    const endMs = nextMultiple(appendMs, settings.tickEveryMs);
    const waitMs = (): number => Math.max(0, Math.min(this.#untilMs(endMs), noLaterMs - ports.clock.nowMs()));
    if (waitMs() > 0) await this.#read(side, waitMs(), signal);
    if (side.unknownMs(appendMs) > 0 && waitMs() === 0) await this.#tick(appendMs, signal);
  }

  #read(side: SideSource, maxWaitMs: number, signal: AbortSignal): Promise<void> {
    return retry(this.#parts.ports.clock, signal, () => side.read(maxWaitMs, signal));
  }

  /** How long the log's clock still takes to come to that time; 0 if it has, or if nobody knows. */
  #untilMs(logMs: number): number {
    const { logNowMs } = this.#parts.ticker;
    return logNowMs === null ? 0 : Math.max(0, logMs - logNowMs);
  }

  /** How long the primary partition may still be silent: to the next full interval of the log's clock, as all others. */
  get #untilTickMs(): number {
    const { task, settings, ports } = this.#parts;
    const nowMs = ports.clock.nowMs();
    const isActive = task.hasPending || nowMs < this.#activeMs + ACTIVE_MS;
    const everyMs = isActive ? settings.tickEveryMs : settings.idleTickEveryMs;
    return Math.max(0, Math.min(this.#untilMs(nextMultiple(this.#appendMs, everyMs)), this.#heardMs + everyMs - nowMs));
  }

  /**
   * Carries the log's clock through silence: of the primary partition past the interval of the append time, and of the
   * sides past that tick, so that it can be stepped over when it comes.
   */
  async #tick(appendMs: number, signal: AbortSignal): Promise<void> {
    const { ticker, ticks, sides, start, settings, ports } = this.#parts;
    let throughMs = appendMs;
    if (ticks && this.#isAtEnd) {
      const beforeMs = nextMultiple(appendMs, settings.tickEveryMs) - 1;
      throughMs = Math.max(throughMs, await retry(ports.clock, signal, () => ticker.tick(start, beforeMs, signal)));
      this.#heardMs = ports.clock.nowMs();
    }
    await Promise.all(
      sides.map(async (side) => {
        await this.#read(side, 0, signal);
        if (side.needsTick(throughMs)) await retry(ports.clock, signal, () => ticker.tick(side, throughMs, signal));
      }),
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

/** The first multiple of the interval after the time. */
function nextMultiple(ms: number, everyMs: number): number {
  return (Math.floor(ms / everyMs) + 1) * everyMs;
}
