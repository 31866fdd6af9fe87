import { hotKeys } from '@ebap/pipeline/hot';
import type { HotStore } from '@ebap/pipeline/ports';
import { quantiles, type SampleQuantiles } from '../../quantiles.ts';

const SAMPLE_EVERY_MS = 250;

/**
 * How old the newest numbers of a workspace are: now less the append time up to which all partitions are in them
 * (`asOfMs`), by phase. Sampled for as long as the phase lasts, so it is what a person who looks sees.
 */
export class Freshness {
  readonly #hot: HotStore;
  readonly #workspace: string;
  readonly #samples = new Map<string, number[]>();
  readonly #timer: NodeJS.Timeout;
  #phase: string | null = null;
  #isLooking = false;
  #failures = 0;

  constructor(hot: HotStore, workspace: string) {
    this.#hot = hot;
    this.#workspace = workspace;
    this.#timer = setInterval(() => void this.#look(), SAMPLE_EVERY_MS);
    this.#timer.unref();
  }

  /** What is seen from now on belongs to this phase; null: to none. */
  enter(phase: string | null): void {
    this.#phase = phase;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks that the hot store did not answer. */
  get failures(): number {
    return this.#failures;
  }

  /** By phase, ms. */
  summary(): Readonly<Record<string, SampleQuantiles>> {
    return Object.fromEntries([...this.#samples].map(([phase, samples]) => [phase, quantiles(samples)]));
  }

  async #look(): Promise<void> {
    const phase = this.#phase;
    if (phase === null || this.#isLooking) return;
    this.#isLooking = true;
    try {
      const asOfMs = (await this.#hot.readHash(hotKeys.progress(this.#workspace))).get('asOfMs');
      if (asOfMs === undefined) this.#failures++;
      else this.#samplesOf(phase).push(Date.now() - Number(asOfMs));
    } catch {
      this.#failures++;
    } finally {
      this.#isLooking = false;
    }
  }

  #samplesOf(phase: string): number[] {
    const known = this.#samples.get(phase);
    if (known !== undefined) return known;
    const samples: number[] = [];
    this.#samples.set(phase, samples);
    return samples;
  }
}
