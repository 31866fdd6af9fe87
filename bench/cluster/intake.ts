import { PARTITIONS } from '@ebap/pipeline/contracts';
import { readWorkerMetrics } from '../workerMetrics.ts';

/** What the workers have taken in, at one moment. */
export interface IntakeLook {
  readonly atMs: number;
  /** Records of events since the partitions were taken over, ticks included. */
  readonly records: number;
  /** Records on the log that were not taken in yet, as of the workers' newest fetches. */
  readonly lag: number;
  /** Partitions of events that each worker owns. */
  readonly owned: readonly number[];
  /** The same for partitions of the second stage. */
  readonly rollups: readonly number[];
}

/** Whether all partitions of events are owned, by all workers alike. */
export function isBalanced({ owned }: IntakeLook): boolean {
  const all = owned.reduce((a, b) => a + b, 0);
  return all === PARTITIONS.cluster.keyed && Math.max(...owned) - Math.min(...owned) <= 1;
}

/** Asks all workers at once. */
export async function lookAtIntake(workerUrls: readonly string[]): Promise<IntakeLook> {
  const metrics = await Promise.all(workerUrls.map(readWorkerMetrics));
  const sum = (value: (one: (typeof metrics)[number]) => number): number =>
    metrics.reduce((total, one) => total + value(one), 0);
  return {
    atMs: performance.now(),
    records: sum((one) => one.events.records),
    lag: sum((one) => one.events.lag),
    owned: metrics.map((one) => one.events.partitions.length),
    rollups: metrics.map((one) => one.rollups),
  };
}
