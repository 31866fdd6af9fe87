/** An engine that the product runs on, in whichever profile. */
export type EngineId =
  | 'database'
  | 'event_log'
  | 'hot_store'
  | 'schema_registry'
  | 'change_capture'
  | 'source_database'
  | 'workers';

export type EngineState = 'up' | 'degraded' | 'down';

/** One engine as the watch sees it. Times are ms since the epoch, by this server's clock. */
export interface EngineStatus {
  readonly engine: EngineId;
  /** What this installation runs: "Kafka". */
  readonly label: string;
  readonly state: EngineState;
  readonly sinceMs: number;
  /** What the last probe said; null while all is well. */
  readonly message: string | null;
}

/** An outage in words: what it is, and what still works. */
export interface Outage {
  /** The same as long as the outage lasts. */
  readonly key: string;
  /** `limited`: what people see goes on. */
  readonly severity: 'outage' | 'limited';
  readonly title: string;
  readonly effect: string;
  /** Said for a moment once it is over. */
  readonly recovered: string;
  readonly stopsLive: boolean;
  readonly sinceMs: number;
}

/** What one person may know of the engines. */
export interface EnginesView {
  readonly atMs: number;
  readonly outages: readonly Outage[];
  /** Null for who may not see the pipeline's state. */
  readonly engines: readonly (EngineStatus & { readonly effect: string })[] | null;
}
