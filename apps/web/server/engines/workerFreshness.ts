import type { PartitionStatus } from '@ebap/pipeline/contracts';
import { hotKeys } from '@ebap/pipeline/hot';
import type { HotStore } from '@ebap/pipeline/ports';
import type { Observation } from './engineState.ts';

/** Workers tell of themselves every second: silence for so long is an outage, ms. */
const SILENT_AFTER_MS = 4_000;

/**
 * Looks whether any stream worker still tells of itself through the hot store. Ages are of this process's own clock:
 * the time since a worker's entry last changed.
 */
export class WorkerFreshness {
  readonly #hot: HotStore;
  readonly #nowMs: () => number;
  #newest = '';
  #changedAtMs: number;

  /** @param nowMs monotonic */
  constructor(hot: HotStore, nowMs: () => number) {
    this.#hot = hot;
    this.#nowMs = nowMs;
    this.#changedAtMs = nowMs();
  }

  /** What workers need is away, so their silence says nothing: waits for them anew. */
  excuse(): Observation {
    this.#changedAtMs = this.#nowMs();
    return { kind: 'unknown' };
  }

  async look(): Promise<Observation> {
    const [beats, tasks] = await Promise.all([
      this.#hot.readHash(hotKeys.latency()),
      this.#hot.readHash(hotKeys.tasks()),
    ]);
    const newest = [...beats]
      .map(([owner, told]) => `${owner} ${told}`)
      .sort()
      .join('\n');
    if (newest !== this.#newest && newest !== '') this.#changedAtMs = this.#nowMs();
    this.#newest = newest;
    const silentMs = this.#nowMs() - this.#changedAtMs;
    if (silentMs > SILENT_AFTER_MS)
      return { kind: 'down', message: `No worker has told of itself for ${Math.round(silentMs / 1_000)} s.` };
    const alarms = [...tasks.values()].map(parseStatus).filter((status) => status?.state === 'alarm');
    const [first] = alarms;
    if (first === undefined) return { kind: 'up' };
    const words = `${alarms.length} of ${tasks.size} partitions are stopped by an alarm`;
    return { kind: 'degraded', message: first?.message ? `${words}: ${first.message}` : `${words}.` };
  }
}

function parseStatus(text: string): Pick<PartitionStatus, 'state' | 'message'> | null {
  try {
    return JSON.parse(text) as PartitionStatus;
  } catch {
    return null;
  }
}
