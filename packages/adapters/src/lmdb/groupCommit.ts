import { AppError } from '@ebap/pipeline/errors';
import type { Environment } from './environment.ts';

export interface GroupCommitOptions<Task, Result> {
  readonly environment: Environment;
  /** Runs inside the write transaction, on tasks in the order they came; one result per task. */
  readonly apply: (tasks: readonly Task[]) => readonly Result[];
  readonly bytesOf: (task: Task) => number;
  /** Bytes one transaction takes on (at least one task): bounds how long writers of other processes wait. */
  readonly transactionBytes: number;
  /** Bytes that may wait; beyond, tasks are refused as `unavailable`. */
  readonly queueBytes: number;
  readonly onCommitted: () => void;
  /** How long to let more tasks gather before the next transaction. */
  readonly pauseMs?: () => number;
}

interface Pending<Task, Result> {
  readonly task: Task;
  readonly bytes: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Group commit: tasks that arrive while a transaction is being written share the next one, and with it one fsync. */
export class GroupCommit<Task, Result> {
  readonly #options: GroupCommitOptions<Task, Result>;
  readonly #queue: Pending<Task, Result>[] = [];
  #queuedBytes = 0;
  #draining: Promise<void> | undefined;

  constructor(options: GroupCommitOptions<Task, Result>) {
    this.#options = options;
  }

  /**
   * Resolves when the task is committed.
   * @throws AppError `unavailable` (retryable): the queue is full, or it is unknown whether the commit took place.
   */
  async submit(task: Task): Promise<Result> {
    const bytes = this.#options.bytesOf(task);
    if (this.#queue.length > 0 && this.#queuedBytes + bytes > this.#options.queueBytes) {
      throw new AppError('unavailable', 'Too many writes are waiting for the disk.', { retryable: true });
    }
    this.#queuedBytes += bytes;
    return new Promise((resolve, reject) => {
      this.#queue.push({ task, bytes, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when everything submitted has been answered. */
  async idle(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const pauseMs = this.#options.pauseMs?.() ?? 0;
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      await this.#commitGroup();
    }
    this.#draining = undefined;
  }

  async #commitGroup(): Promise<void> {
    let group: readonly Pending<Task, Result>[] = [];
    try {
      const results = await this.#options.environment.write(() => {
        group = this.#takeGroup();
        return this.#options.apply(group.map((pending) => pending.task));
      });
      group.forEach((pending, i) => {
        settle(pending, results[i]);
      });
      this.#options.onCommitted();
    } catch (error) {
      if (group.length === 0) group = this.#takeGroup();
      for (const pending of group) pending.reject(error);
    }
  }

  #takeGroup(): readonly Pending<Task, Result>[] {
    let bytes = 0;
    let count = 0;
    for (const pending of this.#queue) {
      if (count > 0 && bytes + pending.bytes > this.#options.transactionBytes) break;
      bytes += pending.bytes;
      count += 1;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }
}

function settle<Task, Result>(pending: Pending<Task, Result>, result: Result | undefined): void {
  if (result === undefined) pending.reject(new AppError('internal', 'A committed write has no result.'));
  else pending.resolve(result);
}
