import type { PartitionStatus } from '@ebap/pipeline/contracts';
import { hotKeys } from '@ebap/pipeline/hot';
import type { HotStore } from '@ebap/pipeline/ports';
import type { Observation } from './engineState.ts';

/** Workers tell of themselves every second: silence for so long is an outage, ms. */
const SILENT_AFTER_MS = 4_000;

/** The hot store's answer is waited for so long, ms: within the bound of a look, so that its silence is not the workers'. */
const ANSWER_MS = 1_500;

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
    const told = await this.#read();
    if (told === null) return this.excuse();
    const [beats, tasks] = told;
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

  /** What the workers tell of themselves and of their tasks; null when the hot store does not. */
  async #read(): Promise<readonly [ReadonlyMap<string, string>, ReadonlyMap<string, string>] | null> {
    const { promise: late, resolve } = Promise.withResolvers<null>();
    const timer = setTimeout(() => resolve(null), ANSWER_MS);
    const reading = Promise.all([this.#hot.readHash(hotKeys.latency()), this.#hot.readHash(hotKeys.tasks())]);
    const told = await Promise.race([reading.catch(() => null), late]);
    clearTimeout(timer);
    return told;
  }
}

function parseStatus(text: string): Pick<PartitionStatus, 'state' | 'message'> | null {
  try {
    return JSON.parse(text) as PartitionStatus;
  } catch {
    return null;
  }
}
