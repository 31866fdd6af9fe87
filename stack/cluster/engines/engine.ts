import type { EngineName } from '../versions.ts';

/** One engine of the cluster on this machine. It can be stopped and started again on the same data and ports. */
export interface Engine {
  readonly name: EngineName;
  /** What a person calls it. */
  readonly title: string;
  readonly logFile: string;
  /** Those that have to be ready first. */
  readonly needs: readonly EngineName[];
  /** Its main process while it runs. */
  readonly pid: number | undefined;
  /**
   * Resolves when it answers; at once when it runs already.
   * @throws AppError `unavailable` with the end of its log when it ends first, `timeout`, `configuration`
   */
  start(): Promise<void>;
  /** An orderly end; at once when it does not run. */
  stop(): Promise<void>;
  /** Ends it as `kill -9` does; resolves when it is gone. */
  kill(): Promise<void>;
  /** Stops the clock of its processes (SIGSTOP): connections stay open, nothing answers. */
  pause(): void;
  /** Lets its processes go on (SIGCONT). */
  resume(): void;
  /** Calls back each time it has ended without having been asked by this object. */
  onUnexpectedEnd(listener: (why: string) => void): void;
}
