import { isAppError } from '../errors/index.ts';
import type { Lease } from '../ports/checkpointStore.ts';
import { PartitionRunner } from './partitionRunner.ts';
import type { RunnerPorts, RunnerSettings, RunnerStatus, TaskKind } from './taskKind.ts';
import { Ticker } from './ticker.ts';

export interface GroupSettings extends RunnerSettings {
  /** A lease not renewed for this long goes to somebody else. */
  readonly leaseTtlMs: number;
  /** How often leases are renewed, taken and shared out. */
  readonly balanceEveryMs: number;
}

/** A kind of task and its number of partitions. */
export interface GroupTask {
  // Runners never look into outputs; each kind brings its own effects for its own outputs.
  readonly kind: TaskKind<unknown>;
  readonly partitions: number;
}

export interface OwnedPartition {
  readonly lease: Lease;
  readonly status: RunnerStatus;
}

interface Running {
  readonly lease: Lease;
  readonly runner: PartitionRunner<unknown>;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** Members announce themselves by holding a slot of this pseudo task. */
const MEMBERS = 'members';
const MAX_MEMBERS = 64;
const RETRY_AFTER_FAULT_MS = 2_000;
const OUTAGE_GRACE_ROUNDS = 2;
/** Restoring takes the processor's time: with more at once, a starved worker could not renew what it has taken. */
const MAX_RESTORING = 8;
const RESTORING_LOOK_MS = 20;

/**
 * One worker's part in the group: takes leases up to its fair share, runs a partition per lease, gives up what is
 * beyond the share when others join, and stops at once what it has lost.
 */
export class WorkerGroup {
  readonly #tasks: readonly GroupTask[];
  readonly #ports: RunnerPorts;
  readonly #settings: GroupSettings;
  readonly #owner: string;
  readonly #onFault: (lease: Lease, error: unknown) => void;
  readonly #ticker: Ticker;
  #running = new Map<string, Running>();
  #member: Lease | null = null;
  /** How many members there were, at each look of the last lease's life. */
  #looks: { readonly atMs: number; readonly members: number }[] = [];
  /** When the leases were last renewed (null: there are none), and until when nothing is taken. */
  #renewedMs: number | null = null;
  #takeNothingUntilMs = Number.NEGATIVE_INFINITY;
  /** Partitions whose runner failed rest until this time. */
  #restUntilMs = new Map<string, number>();

  constructor(
    tasks: readonly GroupTask[],
    ports: RunnerPorts,
    settings: GroupSettings,
    owner: string,
    onFault: (lease: Lease, error: unknown) => void,
  ) {
    this.#tasks = tasks;
    this.#ports = ports;
    this.#settings = settings;
    this.#owner = owner;
    this.#onFault = onFault;
    this.#ticker = new Ticker(ports.log, ports.clock);
  }

  get owned(): readonly OwnedPartition[] {
    return [...this.#running.values()].map(({ lease, runner }) => ({ lease, status: runner.status }));
  }

  /** Runs until the signal aborts, then stops all partitions and gives the leases back. */
  async run(signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const end = (): void => ended.abort();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    // Apart from each other: taking many partitions one after the other must not let the leases run out meanwhile.
    const loops = [() => this.#renew(), () => this.#balance(ended.signal)].map((round) =>
      this.#repeat(round, ended.signal).finally(end),
    );
    try {
      await Promise.all(loops);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await Promise.allSettled(loops);
      signal.removeEventListener('abort', end);
      await this.#stopAll();
    }
  }

  /** Does it again and again until the signal aborts. @throws what no repetition heals. */
  async #repeat(round: () => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await round();
      } catch (error) {
        if (!isAppError(error) || !error.retryable) throw error;
      }
      await this.#ports.clock.sleep(this.#settings.balanceEveryMs, signal);
    }
  }

  async #stopAll(): Promise<void> {
    await Promise.all([...this.#running.values()].map((r) => this.#stop(r)));
    if (this.#member !== null) await this.#release(this.#member);
    this.#member = null;
  }

  async #renew(): Promise<void> {
    const leases = [...this.#running.values()].map((r) => r.lease);
    if (this.#member !== null) leases.push(this.#member);
    if (leases.length === 0) {
      this.#renewedMs = null;
      return;
    }
    const lost = await this.#ports.store.renewLeases(leases, this.#settings.leaseTtlMs);
    this.#noteRenewal();
    for (const lease of lost) {
      if (this.#member === lease) this.#member = null;
      const running = this.#running.get(idOf(lease));
      // Not one that was begun under a newer lease while the answer was under way.
      if (running?.lease === lease) running.stop.abort();
    }
  }

  /**
   * After an outage of the store, or a pause of this process, leases have run out whose owners are alive: those come
   * to renew them as this one did, and are given the time.
   */
  #noteRenewal(): void {
    const nowMs = this.#ports.clock.nowMs();
    if (this.#isLate(nowMs)) this.#takeNothingUntilMs = nowMs + OUTAGE_GRACE_ROUNDS * this.#settings.balanceEveryMs;
    this.#renewedMs = nowMs;
  }

  /** Whether it is late with renewing: then others may be too, and their leases run out without their being gone. */
  #isLate(nowMs: number): boolean {
    return this.#renewedMs !== null && nowMs - this.#renewedMs > this.#settings.leaseTtlMs / 2;
  }

  /**
   * Fewest members over a lease's life. Whoever died is counted until its lease has run out, so a member that comes
   * back after a crash is there twice for that long: nobody gives up partitions for that.
   */
  #lastingMembers(members: number): number {
    const nowMs = this.#ports.clock.nowMs();
    this.#looks = this.#looks.filter((look) => look.atMs > nowMs - this.#settings.leaseTtlMs);
    this.#looks.push({ atMs: nowMs, members });
    return Math.min(...this.#looks.map((look) => look.members));
  }

  async #balance(signal: AbortSignal): Promise<void> {
    const { store } = this.#ports;
    for (let slot = 0; this.#member === null && slot < MAX_MEMBERS; slot++)
      this.#member = await store.acquireLease(MEMBERS, slot, this.#owner, this.#settings.leaseTtlMs);
    const members = Math.max(1, (await store.holders(MEMBERS)).length);
    const lasting = this.#lastingMembers(members);
    for (const task of this.#tasks) {
      const share = Math.ceil(task.partitions / members);
      const mine = [...this.#running.values()].filter((r) => r.lease.task === task.kind.name && !r.stop.signal.aborted);
      // Not awaited: a runner that hangs in I/O must not keep the other leases from being renewed.
      for (const extra of mine.slice(Math.ceil(task.partitions / lasting))) extra.stop.abort();
      await this.#take(task, share - mine.length, signal);
    }
  }

  /** Takes up to `wanted` free partitions of the task. */
  async #take(task: GroupTask, wanted: number, signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#ports;
    const nowMs = clock.nowMs();
    if (wanted <= 0 || nowMs < this.#takeNothingUntilMs || this.#isLate(nowMs)) return;
    const held = new Set((await store.holders(task.kind.name)).map((h) => h.partition));
    let taken = 0;
    for (let partition = 0; partition < task.partitions && taken < wanted && !signal.aborted; partition++) {
      const id = idOf({ task: task.kind.name, partition });
      if (held.has(partition) || this.#running.has(id) || (this.#restUntilMs.get(id) ?? 0) > clock.nowMs()) continue;
      if (!(await this.#isReadyForMore(signal))) return;
      const lease = await store.acquireLease(task.kind.name, partition, this.#owner, this.#settings.leaseTtlMs);
      if (lease === null) continue;
      this.#start(task, lease);
      taken++;
    }
  }

  /** Waits for those that are being restored, for a round at most. */
  async #isReadyForMore(signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#ports;
    const untilMs = clock.nowMs() + this.#settings.balanceEveryMs;
    const restoring = (): number => this.owned.filter(({ status }) => status.state === 'restoring').length;
    while (restoring() >= MAX_RESTORING && clock.nowMs() < untilMs) await clock.sleep(RESTORING_LOOK_MS, signal);
    return restoring() < MAX_RESTORING && !this.#isLate(clock.nowMs());
  }

  #start(task: GroupTask, lease: Lease): void {
    const id = idOf(lease);
    const stop = new AbortController();
    const runner = new PartitionRunner(task.kind, this.#ports, this.#settings, lease, this.#ticker);
    const done = runner
      .run(stop.signal)
      .catch((error: unknown) => {
        this.#restUntilMs.set(id, this.#ports.clock.nowMs() + RETRY_AFTER_FAULT_MS);
        this.#onFault(lease, error);
      })
      .then(async () => {
        // Given back at once, whatever ended it: the next owner starts from the last checkpoint.
        await this.#release(lease);
        this.#running.delete(id);
      });
    this.#running.set(id, { lease, runner, stop, done });
  }

  async #stop(running: Running): Promise<void> {
    running.stop.abort();
    await running.done;
  }

  async #release(lease: Lease): Promise<void> {
    try {
      await this.#ports.store.releaseLease(lease);
    } catch (error) {
      if (!isAppError(error) || !error.retryable) this.#onFault(lease, error);
      // Else it runs out by itself.
    }
  }
}

function idOf(lease: { readonly task: string; readonly partition: number }): string {
  return `${lease.task}/${lease.partition}`;
}
