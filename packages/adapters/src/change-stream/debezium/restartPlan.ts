const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 10_000;
/** Streaming for this long, the last restart has helped. */
const SETTLED_MS = 60_000;

/** When a failed task is started again: at once, then after waits that double while it keeps failing. */
export class RestartPlan {
  #waitMs = 0;
  #dueMs = Number.NEGATIVE_INFINITY;
  #wellSinceMs: number | null = null;

  /** True when a restart is due at `nowMs`; it counts as done. */
  isDue(nowMs: number): boolean {
    this.#wellSinceMs = null;
    if (nowMs < this.#dueMs) return false;
    this.#waitMs = Math.min(Math.max(this.#waitMs * 2, FIRST_WAIT_MS), LONGEST_WAIT_MS);
    this.#dueMs = nowMs + this.#waitMs;
    return true;
  }

  wentWell(nowMs: number): void {
    this.#wellSinceMs ??= nowMs;
    if (nowMs - this.#wellSinceMs >= SETTLED_MS) this.#waitMs = 0;
  }
}
