import { decodePartial, type PartialMessage } from '../../contracts/partial.ts';
import { TOPICS } from '../../contracts/topics.ts';
import { AppError } from '../../errors/index.ts';
import { hotKeys } from '../../hot/layout.ts';
import type { HotWrite } from '../../ports/hotStore.ts';
import type { LogBatch } from '../../ports/logBatch.ts';
import { requireSection, type SnapshotSink, type SnapshotSource } from '../../state/index.ts';
import { CUT_MS } from '../../time/constants.ts';
import type { StepResult, Task } from '../task.ts';
import { RollupWorkspace } from './rollupWorkspace.ts';

export interface RollupTaskConfig {
  /** Partition of `ebap.windows.partial`. */
  readonly partition: number;
  /** Partitions of the event topic: all of them must have passed a window's end before it is final. */
  readonly sources: number;
}

export interface RollupOutputs {
  /** Changed fields per workspace. */
  readonly workspaces: readonly { readonly workspace: string; readonly writes: readonly HotWrite[] }[];
  /** Newest append time that all sources have reached; null until every source was heard. */
  readonly asOfMs: number | null;
}

interface SourceState {
  cut: number;
  part: number;
  watermarkMs: number | null;
  appendMs: number;
}

const PROGRESS_TTL_MS = 86_400_000;
const CLOSE_EVERY_MS = 10_000;

/** Adds up the source partitions' cuts to the windows that everybody sees. Cuts that it has already are ignored. */
export class RollupTask implements Task<RollupOutputs> {
  readonly #config: RollupTaskConfig;
  #sources = new Map<number, SourceState>();
  #workspaces = new Map<string, RollupWorkspace>();
  #toldAsOfMs = 0;
  #toldFinalMs = 0;
  #closedAtMs = 0;

  constructor(config: RollupTaskConfig) {
    this.#config = config;
  }

  step(_source: number, batch: LogBatch, from: number, to: number): StepResult<RollupOutputs> {
    for (let i = from; i < to; i++) {
      const start = batch.valueStarts[i] as number;
      if (start < 0) continue;
      this.#take(decodePartial(batch.bytes.subarray(start, batch.valueEnds[i])));
    }
    this.#close();
    return { next: to, outputs: this.#collect() };
  }

  /** Nothing waits: every step returns what changed. */
  get hasPending(): boolean {
    return false;
  }

  #take(message: PartialMessage): void {
    if (message.sourcePartition >= this.#config.sources)
      throw new AppError(
        'topic_mismatch',
        `a partial of source partition ${message.sourcePartition}, but there are ${this.#config.sources}`,
      );
    const source = this.#sources.get(message.sourcePartition) ?? { cut: -1, part: -1, watermarkMs: null, appendMs: 0 };
    if (message.cut < source.cut || (message.cut === source.cut && message.part <= source.part)) return;
    source.cut = message.cut;
    source.part = message.part;
    if (message.isLast) {
      source.watermarkMs = message.watermarkMs;
      source.appendMs = message.appendMs;
    }
    this.#sources.set(message.sourcePartition, source);
    for (const { workspace, groups } of message.workspaces) {
      let state = this.#workspaces.get(workspace);
      if (state === undefined) {
        state = new RollupWorkspace(workspace, this.#config.sources);
        this.#workspaces.set(workspace, state);
      }
      for (const group of groups) state.apply(message.sourcePartition, group);
    }
  }

  /** Append time that every source has reached; null until all were heard. */
  get asOfMs(): number | null {
    if (this.#sources.size < this.#config.sources) return null;
    let oldest = Number.POSITIVE_INFINITY;
    for (const source of this.#sources.values()) oldest = Math.min(oldest, source.appendMs);
    return oldest;
  }

  /** Windows that end at or before this are final. */
  get finalThroughMs(): number | null {
    if (this.#sources.size < this.#config.sources) return null;
    let oldest = Number.POSITIVE_INFINITY;
    for (const source of this.#sources.values()) {
      if (source.watermarkMs === null) return null;
      oldest = Math.min(oldest, source.watermarkMs);
    }
    return oldest;
  }

  get watermarkMs(): number | null {
    return this.finalThroughMs;
  }

  /**
   * Forgets windows whose final values were told by outputs that the caller has made durable: it asks for the next
   * ones only after that.
   */
  #close(): void {
    if (this.#toldFinalMs < this.#closedAtMs + CLOSE_EVERY_MS) return;
    this.#closedAtMs = this.#toldFinalMs;
    for (const state of this.#workspaces.values()) state.close(this.#toldFinalMs, this.#toldAsOfMs);
  }

  #collect(): RollupOutputs | null {
    const asOfMs = this.asOfMs;
    const appendMs = asOfMs ?? Math.max(0, ...[...this.#sources.values()].map((s) => s.appendMs));
    const finalThroughMs = this.finalThroughMs;
    const moved = asOfMs !== null && asOfMs >= this.#toldAsOfMs + CUT_MS;
    if (moved) {
      this.#toldAsOfMs = asOfMs;
      this.#toldFinalMs = finalThroughMs ?? 0;
    }
    const workspaces = [...this.#workspaces.values()].flatMap((state) => {
      const writes = [...state.takeWrites(appendMs, TOPICS.eventsRaw)];
      if (moved) writes.push(...progressWrites(state.id, asOfMs, finalThroughMs));
      return writes.length > 0 ? [{ workspace: state.id, writes }] : [];
    });
    return workspaces.length > 0 ? { workspaces, asOfMs } : null;
  }

  /** Everything still open, to write again after a restore or when the hot store lost its content. */
  reemit(): RollupOutputs | null {
    for (const state of this.#workspaces.values()) state.markAllDirty();
    this.#toldAsOfMs = 0;
    return this.#collect();
  }

  snapshot(sink: SnapshotSink): void {
    const states = [...this.#workspaces.values()];
    sink.write('state', [
      {
        name: 'task',
        head: {
          sources: [...this.#sources],
          workspaces: states.length,
          closedAtMs: this.#closedAtMs,
          sourceCount: this.#config.sources,
        },
        columns: [],
      },
      ...states.flatMap((state, i) => [...state.toSections(`workspace/${i}`)]),
    ]);
  }

  /** @throws AppError `corrupt_data` or `unsupported_version`. */
  static restore(config: RollupTaskConfig, source: SnapshotSource): RollupTask {
    const task = new RollupTask(config);
    const [name] = source.names('state');
    if (name === undefined) return task;
    const sections = source.read(name);
    const head = requireSection(sections, 'task').head as {
      readonly sources: readonly (readonly [number, SourceState])[];
      readonly workspaces: number;
      readonly closedAtMs: number;
      readonly sourceCount: number;
    };
    if (head.sourceCount !== config.sources)
      throw new AppError(
        'topic_mismatch',
        `the state counts ${head.sourceCount} source partitions, the topic has ${config.sources}`,
      );
    task.#sources = new Map(head.sources.map(([p, s]) => [p, { ...s }]));
    task.#closedAtMs = head.closedAtMs;
    for (let i = 0; i < head.workspaces; i++) {
      const state = RollupWorkspace.fromSections(sections, `workspace/${i}`, config.sources);
      task.#workspaces.set(state.id, state);
    }
    return task;
  }
}

function progressWrites(workspace: string, asOfMs: number, finalThroughMs: number | null): readonly HotWrite[] {
  const key = hotKeys.progress(workspace);
  const expiresAtMs = asOfMs + PROGRESS_TTL_MS;
  return [
    { key, field: 'asOfMs', value: String(asOfMs), expiresAtMs },
    { key, field: 'finalThroughMs', value: String(Math.max(0, Math.floor(finalThroughMs ?? 0))), expiresAtMs },
  ];
}
