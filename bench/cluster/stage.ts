import type { Ending } from './ending.ts';
import type { ClusterBenchOptions } from './options.ts';

/** What a stage works with. */
export interface StageContext {
  /** The checkout. */
  readonly root: string;
  readonly options: ClusterBenchOptions;
  /** Takes whatever the stage starts. */
  readonly ending: Ending;
  readonly note: (text: string) => void;
  /** Keeps a folder with logs of a stage that failed. */
  readonly keep: (folder: string) => Promise<void>;
}

export interface StageResult {
  readonly figures: Readonly<Record<string, unknown>>;
  /** What must not be; empty when all is as it should be. */
  readonly failures: readonly string[];
}

/** Runs alone on the machine, on a platform of its own. */
export type Stage = (context: StageContext) => Promise<StageResult>;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Rounded to a tenth. */
export const tenths = (value: number): number => Math.round(value * 10) / 10;
