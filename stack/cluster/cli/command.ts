/** A command that goes on until it is stopped. */
export interface RunningCommand {
  /** Resolves when everything answers. When it fails, what was started is stopped first. */
  run(): Promise<void>;
  /** Stops everything in order; may be called again. */
  stop(): Promise<void>;
  /** Ends everything at once. */
  kill(): void;
  /** Settles when everything has stopped. */
  readonly stopped: Promise<void>;
}
