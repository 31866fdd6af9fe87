import { AppError } from '../errors/index.ts';
import type { CheckpointStore, Frontier, Lease, StateManifest, StateSegment } from '../ports/checkpointStore.ts';
import type { Clock } from '../ports/clock.ts';
import type { FileIO } from '../ports/fileIo.ts';
import {
  decodeSections,
  encodeSections,
  type Section,
  type SnapshotSink,
  type SnapshotSource,
  STATE_FORMAT_VERSION,
} from '../state/index.ts';
import type { Task } from '../tasks/task.ts';
import { retry } from './retry.ts';
import { frontierOf, inlinePositions, type SourcePosition } from './sourcePosition.ts';

export interface CheckpointPorts {
  readonly store: CheckpointStore;
  readonly files: FileIO;
  readonly clock: Clock;
}

export interface CheckpointReport {
  readonly atMs: number;
  /** Bytes newly written, and how long it took in all. */
  readonly bytes: number;
  readonly durationMs: number;
  /** How long the task stood still for its snapshot. */
  readonly barrierMs: number;
}

interface Pending {
  readonly to: Frontier;
  readonly manifest: StateManifest;
  readonly written: ReadonlyMap<string, Uint8Array>;
}

/**
 * Makes a task's checkpoints: a snapshot in memory at once, then, while the task goes on, intent, files, and the
 * one transaction that moves frontier and state together. One at a time.
 */
export class Checkpointer {
  readonly #ports: CheckpointPorts;
  readonly #lease: Lease;
  #from: Frontier | null;
  #count = 0;
  #sizes = new Map<string, number>();
  #running: Promise<void> | null = null;
  #failure: unknown = null;
  last: CheckpointReport | null = null;

  constructor(ports: CheckpointPorts, lease: Lease, from: Frontier | null, manifest: StateManifest | null) {
    this.#ports = ports;
    this.#lease = lease;
    this.#from = from;
    for (const segment of manifest?.segments ?? []) this.#sizes.set(segment.name, segment.bytes);
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** @throws what the last background checkpoint failed with: the owner must stop. */
  check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** Takes the snapshot now, of a task that has taken in all before `positions`, and finishes it in the background. */
  begin(task: Task<unknown>, positions: readonly SourcePosition[], signal: AbortSignal): void {
    if (this.#running !== null) throw new AppError('internal', 'a checkpoint is under way already');
    const startedMs = this.#ports.clock.nowMs();
    const pending = this.#take(task, positions);
    const barrierMs = this.#ports.clock.nowMs() - startedMs;
    this.#running = this.#finish(pending, startedMs, barrierMs, signal)
      .catch((error: unknown) => {
        this.#failure = error;
      })
      .finally(() => {
        this.#running = null;
      });
  }

  /** Resolves when no checkpoint is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  #take(task: Task<unknown>, positions: readonly SourcePosition[]): Pending {
    const { epoch, task: name, partition } = this.#lease;
    const checkpoint = ++this.#count;
    const segments: string[] = [];
    const written = new Map<string, Uint8Array>();
    const sink: SnapshotSink = {
      write: (kind: string, sections: readonly Section[]): string => {
        const segment = segmentName(name, partition, epoch, checkpoint, written.size, kind);
        const bytes = encodeSections(sections);
        written.set(segment, bytes);
        segments.push(segment);
        this.#sizes.set(segment, bytes.length);
        return segment;
      },
      keep: (segment: string): void => {
        segments.push(segment);
      },
    };
    task.snapshot(sink);
    const sizes = new Map(segments.map((s) => [s, this.#sizes.get(s) ?? 0]));
    this.#sizes = sizes;
    const listed = segments.map((s): StateSegment => ({ name: s, bytes: this.#sizes.get(s) ?? 0 }));
    return {
      to: frontierOf(positions),
      written,
      manifest: { formatVersion: STATE_FORMAT_VERSION, segments: listed, inline: inlinePositions(positions) },
    };
  }

  async #finish(pending: Pending, startedMs: number, barrierMs: number, signal: AbortSignal): Promise<void> {
    const { store, files, clock } = this.#ports;
    const intentId = await retry(clock, signal, () => store.openIntent(this.#lease, [...pending.written.keys()]));
    let bytes = 0;
    for (const [name, content] of pending.written) {
      bytes += content.length;
      await retry(clock, signal, () => writeOnce(files, name, content));
    }
    const commitId = `${this.#lease.task}/${this.#lease.partition}/${this.#lease.epoch}/${this.#count}`;
    const commit = {
      commitId,
      intentId,
      lease: this.#lease,
      from: this.#from,
      to: pending.to,
      manifest: pending.manifest,
    };
    const result = await retry(clock, signal, () => store.commit(commit));
    if (result.status !== 'committed')
      throw new AppError(
        result.status === 'frontier_mismatch'
          ? 'frontier_mismatch'
          : result.status === 'fenced'
            ? 'lease_lost'
            : 'intent_expired',
        `checkpoint refused: ${result.status}`,
        {
          context: { task: this.#lease.task, partition: this.#lease.partition, epoch: this.#lease.epoch },
        },
      );
    this.#from = pending.to;
    this.last = { atMs: clock.nowMs(), bytes, durationMs: clock.nowMs() - startedMs, barrierMs };
  }
}

/** A lost answer to an earlier try may have written the file: the names are unique, so an existing one is ours. */
async function writeOnce(files: FileIO, name: string, content: Uint8Array): Promise<void> {
  try {
    await files.write(name, [content]);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'conflict') throw error;
  }
}

function segmentName(
  task: string,
  partition: number,
  epoch: number,
  checkpoint: number,
  n: number,
  kind: string,
): string {
  return `state/${task}/${partition}/${epoch}-${checkpoint}-${n}-${kind}.seg`;
}

function kindOf(segment: string): string {
  return /\/\d+-\d+-\d+-([^/]+)\.seg$/.exec(segment)?.[1] ?? '';
}

/** Reads all segments of a manifest, so that a task can be restored without further I/O. */
export async function loadSnapshot(
  ports: CheckpointPorts,
  manifest: StateManifest,
  signal: AbortSignal,
): Promise<SnapshotSource> {
  if (manifest.formatVersion !== STATE_FORMAT_VERSION)
    throw new AppError(
      'unsupported_version',
      `The saved state has format ${manifest.formatVersion}, this version reads ${STATE_FORMAT_VERSION}. Nothing was changed: start the version that wrote it, or begin anew with an empty data folder.`,
    );
  const sections = new Map<string, ReadonlyMap<string, Section>>();
  for (const { name } of manifest.segments)
    sections.set(name, decodeSections(await retry(ports.clock, signal, () => ports.files.read(name))));
  return {
    names: (kind) => manifest.segments.map((s) => s.name).filter((name) => kindOf(name) === kind),
    read: (name) => {
      const found = sections.get(name);
      if (found === undefined) throw new AppError('corrupt_data', `the manifest does not list the segment ${name}`);
      return found;
    },
  };
}
