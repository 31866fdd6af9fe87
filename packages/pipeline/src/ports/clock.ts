/** Time for runners and adapters. Reducers never see one. Simulation replaces it. */
export interface Clock {
  nowMs(): number;
  /** Resolves after `ms`, or rejects with AppError `cancelled` when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
