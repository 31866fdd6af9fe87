/** The right to run a task's partition. A higher epoch makes every earlier holder a zombie. */
export interface Lease {
  readonly task: string;
  readonly partition: number;
  readonly owner: string;
  readonly epoch: number;
}

/** Next offset to read per source, keyed `<topic>/<partition>`. */
export type Frontier = Readonly<Record<string, number>>;

/** An immutable piece of state in FileIO. */
export interface StateSegment {
  readonly name: string;
  readonly bytes: number;
}

/** What a restore needs: the segments, and small values inline. */
export interface StateManifest {
  readonly formatVersion: number;
  readonly segments: readonly StateSegment[];
  readonly inline: Readonly<Record<string, string | number | boolean | null>>;
}

export interface Checkpoint {
  readonly frontier: Frontier;
  readonly manifest: StateManifest;
  readonly epoch: number;
  readonly commitId: string;
  readonly committedAtMs: number;
}

export interface CheckpointCommit {
  /** Chosen by the worker; running the same commit again is harmless. */
  readonly commitId: string;
  readonly intentId: string;
  readonly lease: Lease;
  /** The frontier this checkpoint grew from; null for the first. */
  readonly from: Frontier | null;
  readonly to: Frontier;
  readonly manifest: StateManifest;
}

/** `fenced` and `frontier_mismatch` are terminal for the owner: discard all state, never commit. */
export type CommitResult =
  | { readonly status: 'committed' }
  | { readonly status: 'fenced' }
  | { readonly status: 'frontier_mismatch' }
  | { readonly status: 'intent_expired' };

/** Leases, frontiers and state manifests: the transaction that makes a checkpoint real. */
export interface CheckpointStore {
  /** Takes a free, released or expired lease with the next epoch; null while another owner holds it. By the database's clock. */
  acquireLease(task: string, partition: number, owner: string, ttlMs: number): Promise<Lease | null>;
  /** Renews all; returns those that were lost. */
  renewLeases(leases: readonly Lease[], ttlMs: number): Promise<readonly Lease[]>;
  /** Idempotent; releasing a lost lease changes nothing. */
  releaseLease(lease: Lease): Promise<void>;
  /** Live holders of a task's partitions, for the group's fair share and the Pipeline page. */
  holders(task: string): Promise<
    readonly {
      readonly partition: number;
      readonly owner: string;
      readonly epoch: number;
      readonly expiresInMs: number;
    }[]
  >;

  load(task: string, partition: number): Promise<Checkpoint | null>;

  /** Records that files with these names may appear. Before the first file is written. */
  openIntent(lease: Lease, files: readonly string[]): Promise<string>;

  /**
   * One transaction: intent still open and younger than 1 h by the database's clock, epoch and `from` as
   * expected, frontier and manifest advanced, intent closed, commit id kept. A commit id that exists already
   * means `committed`.
   * @throws AppError `unavailable` when the outcome is unknown: call again with the identical argument.
   */
  commit(commit: CheckpointCommit): Promise<CommitResult>;

  /** Aborts stale intents (older than 1 h), then names files that no open intent and no manifest refers to any more. */
  sweepable(): Promise<readonly string[]>;
  /** Forgets swept files after they were removed. */
  swept(names: readonly string[]): Promise<void>;
}
