import { PARTITIONS, TOPICS } from '@ebap/pipeline/contracts';
import type { EventLog } from '@ebap/pipeline/ports';
import { lookAtIntake } from './intake.ts';

/**
 * How many events lie on the log that the workers have not taken in, by the log's own ends: what a worker says of its
 * lag is as old as its newest fetch. Exact but for a tick per partition, and for what comes and goes while it looks.
 */
export class LagProbe {
  readonly #log: EventLog;
  readonly #workerUrls: readonly string[];
  /** What is on the log less what the workers say they took in, when there was no lag. */
  readonly #base: number;

  private constructor(log: EventLog, workerUrls: readonly string[], base: number) {
    this.#log = log;
    this.#workerUrls = workerUrls;
    this.#base = base;
  }

  /** To be called while nothing comes in; partitions must not move from then on. */
  static async open(log: EventLog, workerUrls: readonly string[]): Promise<LagProbe> {
    return new LagProbe(log, workerUrls, await notTakenIn(log, workerUrls));
  }

  async look(): Promise<number> {
    return Math.max(0, (await notTakenIn(this.#log, this.#workerUrls)) - this.#base);
  }
}

async function notTakenIn(log: EventLog, workerUrls: readonly string[]): Promise<number> {
  const { records } = await lookAtIntake(workerUrls);
  const partitions = Array.from({ length: PARTITIONS.cluster.keyed }, (_, partition) => partition);
  const offsets = await Promise.all(partitions.map((partition) => log.offsets(TOPICS.eventsRaw, partition)));
  return offsets.reduce((sum, { end }) => sum + end, 0) - records;
}
