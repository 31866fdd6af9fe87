import { isAppError } from '@ebap/pipeline/errors';
import { hotTopics } from '@ebap/pipeline/hot';
import type { Clock, HotStore, HotWrite, Lease } from '@ebap/pipeline/ports';
import { HotWriter } from '@ebap/pipeline/runtime';

/** What one owner tells of a partition. */
export interface PartitionWrite {
  readonly lease: Lease;
  readonly write: HotWrite;
}

/**
 * Tells of partitions under their leases' epochs: who has lost a partition without knowing it can't overwrite what
 * its new owner told. Each partition has a fence of its own, since each has an epoch of its own.
 */
export class PartitionTeller {
  readonly #hot: HotStore;
  readonly #clock: Clock;
  readonly #writers = new Map<string, { readonly epoch: number; readonly writer: HotWriter }>();

  constructor(hot: HotStore, clock: Clock) {
    this.#hot = hot;
    this.#clock = clock;
  }

  /**
   * Waits for the store until the signal aborts. What a later owner tells of is left out: the lease is lost, and the
   * partition's runner will find that out by itself.
   */
  async tell(writes: readonly PartitionWrite[], signal: AbortSignal): Promise<void> {
    const told = await Promise.allSettled(writes.map((one) => this.#tellOne(one, signal)));
    const failed = told.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #tellOne({ lease, write }: PartitionWrite, signal: AbortSignal): Promise<void> {
    try {
      await this.#writerOf(lease).write([write], hotTopics.system(), signal);
    } catch (error) {
      if (!isAppError(error, 'lease_lost')) throw error;
    }
  }

  #writerOf({ task, partition, epoch }: Lease): HotWriter {
    const scope = `status/${task}/${partition}`;
    const known = this.#writers.get(scope);
    if (known?.epoch === epoch) return known.writer;
    const writer = new HotWriter(this.#hot, this.#clock, scope, epoch);
    this.#writers.set(scope, { epoch, writer });
    return writer;
  }
}
