/** What a write transaction leaves behind for the next one. Persisted in the same transaction as its records. */
export interface LogTime {
  /** Append time of the newest transaction. */
  readonly appendTimeMs: number;
  /** The system's clock when it ran. */
  readonly systemTimeMs: number;
}

/** While the log is ahead of the system's clock it advances at this fraction of the system's pace. */
const SLEW_RATE = 0.5;

/**
 * The append time of the transaction after `previous`: strictly increasing, the system's clock whenever that is
 * ahead. After the system's clock stepped back, the log's clock runs on at half pace until the two meet, so
 * windows still close and nothing stands still.
 */
export function nextLogTime(previous: LogTime, systemNowMs: number): LogTime {
  const systemTimeMs = Math.floor(systemNowMs);
  if (systemTimeMs > previous.appendTimeMs) return { appendTimeMs: systemTimeMs, systemTimeMs };
  const elapsedMs = Math.max(0, systemTimeMs - previous.systemTimeMs);
  return { appendTimeMs: previous.appendTimeMs + Math.max(1, Math.floor(elapsedMs * SLEW_RATE)), systemTimeMs };
}

/** True while the log's clock is ahead: appenders then space their transactions so that it can be caught up. */
export function isAhead(time: LogTime): boolean {
  return time.appendTimeMs > time.systemTimeMs;
}
