import { AppError } from '@ebap/pipeline/errors';
import type {
  Checkpoint,
  CheckpointCommit,
  CheckpointStore,
  CommitResult,
  FileIO,
  Lease,
  StateManifest,
} from '@ebap/pipeline/ports';
import { STATE_FORMAT_VERSION } from '@ebap/pipeline/state';
import type { Actor } from './actor.ts';
import type { Mutant } from './mutants.ts';
import type { Scheduler } from './scheduler.ts';

interface Held {
  epoch: number;
  owner: string | null;
  untilMs: number;
}

const INTENT_MS = 3_600_000;

/** Leases, checkpoints and files as the world keeps them, with a seeded defect or without. */
export class SimStore {
  readonly #scheduler: Scheduler;
  readonly #mutant: Mutant | null;
  #leases = new Map<string, Held>();
  #checkpoints = new Map<string, Checkpoint>();
  #commits = new Set<string>();
  #intents = new Map<string, { readonly openedMs: number }>();
  #files = new Map<string, Uint8Array>();
  #intentCount = 0;

  constructor(scheduler: Scheduler, mutant: Mutant | null) {
    this.#scheduler = scheduler;
    this.#mutant = mutant;
  }

  #acquire(task: string, partition: number, owner: string, ttlMs: number): Lease | null {
    const id = `${task}/${partition}`;
    const held = this.#leases.get(id) ?? { epoch: 0, owner: null, untilMs: 0 };
    if (held.owner !== null && held.untilMs > this.#scheduler.nowMs) return null;
    const lease = { epoch: held.epoch + 1, owner, untilMs: this.#scheduler.nowMs + ttlMs };
    this.#leases.set(id, lease);
    return { task, partition, owner, epoch: lease.epoch };
  }

  #renew(lease: Lease, ttlMs: number): boolean {
    const held = this.#leases.get(`${lease.task}/${lease.partition}`);
    if (held === undefined || held.epoch !== lease.epoch || held.owner === null) return false;
    held.untilMs = this.#scheduler.nowMs + ttlMs;
    return true;
  }

  #release(lease: Lease): void {
    const held = this.#leases.get(`${lease.task}/${lease.partition}`);
    if (held?.epoch === lease.epoch) held.owner = null;
  }

  #commit(commit: CheckpointCommit): CommitResult {
    if (this.#commits.has(commit.commitId)) return { status: 'committed' };
    const { lease } = commit;
    const id = `${lease.task}/${lease.partition}`;
    const intent = this.#intents.get(commit.intentId);
    if (intent === undefined || this.#scheduler.nowMs - intent.openedMs > INTENT_MS)
      return { status: 'intent_expired' };
    if (this.#leases.get(id)?.epoch !== lease.epoch) return { status: 'fenced' };
    const old = this.#checkpoints.get(id);
    if (JSON.stringify(old?.frontier ?? null) !== JSON.stringify(commit.from)) return { status: 'frontier_mismatch' };
    for (const s of commit.manifest.segments)
      if (!this.#files.has(s.name))
        throw new AppError('internal', `a manifest names ${s.name}, which was never written`);
    const manifest = this.#manifestOf(commit.manifest, old?.manifest);
    this.#checkpoints.set(id, {
      frontier: commit.to,
      manifest,
      epoch: lease.epoch,
      commitId: commit.commitId,
      committedAtMs: this.#scheduler.nowMs,
    });
    this.#intents.delete(commit.intentId);
    this.#commits.add(commit.commitId);
    return { status: 'committed' };
  }

  #manifestOf(manifest: StateManifest, old: StateManifest | undefined): StateManifest {
    // The frontier moves now, the state it belongs to only with the next commit.
    if (this.#mutant === 'frontier-apart')
      return old ?? { formatVersion: STATE_FORMAT_VERSION, segments: [], inline: {} };
    return manifest;
  }

  get commits(): number {
    return this.#commits.size;
  }

  for(actor: Actor): CheckpointStore {
    return {
      acquireLease: (task, partition, owner, ttlMs) => actor.effect(() => this.#acquire(task, partition, owner, ttlMs)),
      renewLeases: (leases, ttlMs) => actor.effect(() => leases.filter((l) => !this.#renew(l, ttlMs))),
      releaseLease: (lease) => actor.effect(() => this.#release(lease)),
      holders: (task) =>
        actor.effect(() =>
          [...this.#leases].flatMap(([id, held]) => {
            const cut = id.lastIndexOf('/');
            const expiresInMs = held.untilMs - this.#scheduler.nowMs;
            if (id.slice(0, cut) !== task || held.owner === null || expiresInMs <= 0) return [];
            return [{ partition: Number(id.slice(cut + 1)), owner: held.owner, epoch: held.epoch, expiresInMs }];
          }),
        ),
      load: (task, partition) => actor.effect(() => this.#checkpoints.get(`${task}/${partition}`) ?? null),
      openIntent: () =>
        actor.effect(() => {
          const id = `intent-${this.#intentCount++}`;
          this.#intents.set(id, { openedMs: this.#scheduler.nowMs });
          return id;
        }),
      commit: (commit) => actor.effect(() => this.#commit(commit)),
      sweepable: async () => [],
      swept: async () => {},
    };
  }

  filesFor(actor: Actor): FileIO {
    return {
      write: (name, chunks) =>
        actor.effect(() => {
          if (this.#files.has(name)) throw new AppError('conflict', `${name} exists`);
          const bytes = new Uint8Array(Buffer.concat(chunks));
          this.#files.set(name, bytes);
          return { bytes: bytes.length };
        }),
      read: (name) =>
        actor.effect(() => {
          const bytes = this.#files.get(name);
          if (bytes === undefined) throw new AppError('not_found', `no file ${name}`);
          return bytes;
        }),
      remove: (name) => actor.effect(() => void this.#files.delete(name)),
      list: async function* () {},
    };
  }
}
