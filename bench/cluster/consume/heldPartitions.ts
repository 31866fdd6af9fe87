import { openPostgresCheckpointStore } from '@ebap/adapters/checkpoint-store';
import { PARTITIONS, TOPICS } from '@ebap/pipeline/contracts';
import { AppError } from '@ebap/pipeline/errors';
import type { CheckpointStore, EventLog, Lease } from '@ebap/pipeline/ports';
import { until } from '../../../trials/processes/tree.ts';

const TASK = 'event';
const OWNER = 'bench';
const TTL_MS = 30_000;
const RENEW_EVERY_MS = 5_000;
const WITHIN_MS = 180_000;
const LOOK_EVERY_MS = 500;

/**
 * The leases of all partitions of events in this process's hands: workers run, know each other, and take nothing in
 * until they are let go. Then each takes its share at once, without a rebalance.
 */
export class HeldPartitions {
  readonly #store: CheckpointStore;
  readonly #leases: readonly Lease[];
  readonly #timer: NodeJS.Timeout;
  #lost = 0;

  private constructor(store: CheckpointStore, leases: readonly Lease[]) {
    this.#store = store;
    this.#leases = leases;
    this.#timer = setInterval(() => void this.#renew(), RENEW_EVERY_MS);
  }

  /** Waits for leases that workers had. */
  static async take(store: CheckpointStore): Promise<HeldPartitions> {
    const leases: Lease[] = [];
    for (let partition = 0; partition < PARTITIONS.cluster.keyed; partition++) {
      const take = async (): Promise<boolean> => {
        const lease = await store.acquireLease(TASK, partition, OWNER, TTL_MS);
        if (lease !== null) leases.push(lease);
        return lease !== null;
      };
      await until(take, WITHIN_MS, LOOK_EVERY_MS);
    }
    return new HeldPartitions(store, leases);
  }

  /** @throws AppError `lease_lost` when a worker could have begun before */
  async letGo(): Promise<void> {
    this.drop();
    await this.#renew();
    if (this.#lost > 0) throw new AppError('lease_lost', `${this.#lost} partitions were not held to the end.`);
    await Promise.all(this.#leases.map((lease) => this.#store.releaseLease(lease)));
  }

  /** Renews no more. */
  drop(): void {
    clearInterval(this.#timer);
  }

  async #renew(): Promise<void> {
    const lost = await this.#store.renewLeases(this.#leases, TTL_MS).catch(() => this.#leases);
    this.#lost += lost.length;
  }
}

/** Leases and checkpoints of the platform, seen from beside. */
export function openCheckpoints(platformPostgresUrl: string) {
  return openPostgresCheckpointStore({ url: platformPostgresUrl });
}

/** Waits until checkpoints hold everything that is on the event topic now, so that no worker takes any of it in again. */
export async function untilCheckpointed(store: CheckpointStore, log: EventLog): Promise<void> {
  const partitions = Array.from({ length: PARTITIONS.cluster.keyed }, (_, partition) => partition);
  // All at once and before: ticks go on, and each checkpoint is only so far ahead of the one before.
  const ends = await Promise.all(partitions.map((partition) => log.offsets(TOPICS.eventsRaw, partition)));
  for (const partition of partitions) {
    const isKept = async (): Promise<boolean> => {
      const checkpoint = await store.load(TASK, partition);
      return (checkpoint?.frontier[`${TOPICS.eventsRaw}/${partition}`] ?? 0) >= (ends[partition]?.end ?? 0);
    };
    await until(isKept, WITHIN_MS, LOOK_EVERY_MS);
  }
}
