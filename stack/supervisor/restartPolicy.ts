const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
/** A service that ran this long before it ended starts again without a past. */
const STEADY_AFTER_MS = 60_000;
/** A service that ended sooner than this hardly began: the next delay is longer. */
const SHORT_LIFE_MS = 5_000;
/** From this many short lives in a row on, it is called a crash loop. */
const CRASH_LOOP_FROM = 5;

export interface RestartState {
  /** Short lives since the last steady one; a life between short and steady neither adds nor forgives. */
  readonly shortLives: number;
}

export interface RestartDecision {
  readonly state: RestartState;
  readonly delayMs: number;
  readonly crashLoop: boolean;
}

export const NO_RESTARTS: RestartState = { shortLives: 0 };

/** When to start a service again that ended after `livedMs`: 0.5 s, doubling with each short life up to 30 s. */
export function decideRestart(state: RestartState, livedMs: number): RestartDecision {
  const shortLives = livedMs >= STEADY_AFTER_MS ? 1 : Math.max(1, state.shortLives + (livedMs < SHORT_LIFE_MS ? 1 : 0));
  return {
    state: { shortLives },
    delayMs: Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (shortLives - 1)),
    crashLoop: shortLives >= CRASH_LOOP_FROM,
  };
}
