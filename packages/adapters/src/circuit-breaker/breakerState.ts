/**
 * A circuit breaker as a pure state machine (M. Nygard, "Release It!", ch. 5): while an engine is away, calls fail at
 * once instead of queueing up, and one call at a time finds out whether it is back.
 */
export type BreakerState =
  | { readonly kind: 'closed'; readonly faultsInARow: number }
  | { readonly kind: 'open'; readonly sinceMs: number; readonly untilMs: number }
  /** One call is out to see whether the engine answers. */
  | { readonly kind: 'half_open'; readonly sinceMs: number };

export interface BreakerPolicy {
  /** So many faults in a row open it. */
  readonly faultsToOpen: number;
  /** A call without an answer for so long opens it at once. */
  readonly hangMs: number;
  /** How long it stays open before the next probe. */
  readonly openMs: number;
}

/** What a caller may do. */
export type Admission =
  | { readonly kind: 'call'; readonly isProbe: boolean }
  | { readonly kind: 'refuse'; readonly retryAfterMs: number };

/** What became of a call: `answered` whatever the answer was, `fault` = the engine is away, `hung` = no answer in time. */
export type CallOutcome = 'answered' | 'fault' | 'hung';

export const CLOSED: BreakerState = { kind: 'closed', faultsInARow: 0 };

/** Whether a call may go out now. Times are of one monotonic clock, ms. */
export function admit(
  state: BreakerState,
  nowMs: number,
  { openMs }: BreakerPolicy,
): { readonly state: BreakerState; readonly admission: Admission } {
  switch (state.kind) {
    case 'closed':
      return { state, admission: { kind: 'call', isProbe: false } };
    case 'half_open':
      return { state, admission: { kind: 'refuse', retryAfterMs: openMs } };
    case 'open':
      return nowMs >= state.untilMs
        ? { state: { kind: 'half_open', sinceMs: state.sinceMs }, admission: { kind: 'call', isProbe: true } }
        : { state, admission: { kind: 'refuse', retryAfterMs: state.untilMs - nowMs } };
  }
}

/**
 * The state after a call's outcome. Any answer closes it, also a late one of a call that was given up: only an engine
 * that works answers. Faults of calls that were out before it opened don't hold up the next probe.
 */
export function settle(
  state: BreakerState,
  outcome: CallOutcome,
  isProbe: boolean,
  nowMs: number,
  { faultsToOpen, openMs }: BreakerPolicy,
): BreakerState {
  if (outcome === 'answered') return CLOSED;
  switch (state.kind) {
    case 'closed': {
      const faultsInARow = state.faultsInARow + 1;
      const opens = outcome === 'hung' || faultsInARow >= faultsToOpen;
      return opens ? { kind: 'open', sinceMs: nowMs, untilMs: nowMs + openMs } : { kind: 'closed', faultsInARow };
    }
    case 'half_open':
      return isProbe ? { kind: 'open', sinceMs: state.sinceMs, untilMs: nowMs + openMs } : state;
    case 'open':
      return state;
  }
}
