const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
/** A service that ran this long before it ended starts again without a past. */
const STEADY_AFTER_MS = 60_000;
/** From this many short lives in a row on, it is called a crash loop. */
const CRASH_LOOP_FROM = 5;

export interface RestartState {
  /** Lives in a row that were shorter than a minute. */
  readonly shortLives: number;
}

export interface RestartDecision {
  readonly state: RestartState;
  readonly delayMs: number;
  readonly crashLoop: boolean;
}

export const NO_RESTARTS: RestartState = { shortLives: 0 };

/** When to start a service again that ended after `livedMs`: 0.5 s, doubling up to 30 s. */
export function decideRestart(state: RestartState, livedMs: number): RestartDecision {
  const shortLives = livedMs >= STEADY_AFTER_MS ? 1 : state.shortLives + 1;
  return {
    state: { shortLives },
    delayMs: Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (shortLives - 1)),
    crashLoop: shortLives >= CRASH_LOOP_FROM,
  };
}
