import { AppError, isAppError } from '@ebap/pipeline/errors';
import { admit, type BreakerPolicy, type BreakerState, CLOSED, settle } from './breakerState.ts';

export interface CircuitBreakerOptions extends Partial<BreakerPolicy> {
  /** The engine as messages call it: "Kafka". */
  readonly name: string;
  readonly timers?: BreakerTimers;
  /** Told when it opens (true) and when it closes (false). */
  readonly onChange?: (isOpen: boolean) => void;
}

/** Time as the breaker needs it, so that tests own it. */
export interface BreakerTimers {
  /** Monotonic, ms. */
  readonly nowMs: () => number;
  /** Calls back once after the delay unless the returned function was called before. */
  readonly after: (delayMs: number, callback: () => void) => () => void;
}

const POLICY: BreakerPolicy = { faultsToOpen: 3, hangMs: 3_000, openMs: 500 };

const SYSTEM_TIMERS: BreakerTimers = {
  nowMs: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Guards the calls to one engine; see {@link BreakerState}. */
export class CircuitBreaker {
  readonly #name: string;
  readonly #policy: BreakerPolicy;
  readonly #timers: BreakerTimers;
  readonly #onChange: (isOpen: boolean) => void;
  #state: BreakerState = CLOSED;

  constructor({ name, timers = SYSTEM_TIMERS, onChange = () => undefined, ...policy }: CircuitBreakerOptions) {
    this.#name = name;
    this.#policy = { ...POLICY, ...policy };
    this.#timers = timers;
    this.#onChange = onChange;
  }

  /** Whether calls are refused at the moment, but for probes. */
  get isOpen(): boolean {
    return this.#state.kind !== 'closed';
  }

  /**
   * Runs the call unless the engine is known to be away. A call that was given up goes on by itself: what it does is
   * not known, as after every `unavailable`.
   * @throws AppError `unavailable` (retryable) with `retryAfterMs` in its context: at once while open, after `hangMs`
   *   when there is no answer; else what the call throws.
   */
  async run<T>(call: () => Promise<T>): Promise<T> {
    const { state, admission } = admit(this.#state, this.#timers.nowMs(), this.#policy);
    if (admission.kind === 'refuse') throw this.#unavailable('is away', admission.retryAfterMs);
    this.#enter(state);
    const { isProbe } = admission;
    const { promise: hung, reject } = Promise.withResolvers<never>();
    let isGivenUp = false;
    const cancel = this.#timers.after(this.#policy.hangMs, () => {
      isGivenUp = true;
      this.#settle('hung', isProbe);
      reject(this.#unavailable('did not answer in time', this.#policy.openMs));
    });
    const watched = attempt(call).then(
      (value) => {
        this.#settle('answered', isProbe);
        return value;
      },
      (error: unknown) => {
        // A call that was given up has told all it had to tell.
        if (!isAway(error)) this.#settle('answered', isProbe);
        else if (!isGivenUp) this.#settle('fault', isProbe);
        throw error;
      },
    );
    watched.catch(() => undefined);
    try {
      return await Promise.race([watched, hung]);
    } finally {
      cancel();
    }
  }

  #settle(outcome: 'answered' | 'fault' | 'hung', isProbe: boolean): void {
    this.#enter(settle(this.#state, outcome, isProbe, this.#timers.nowMs(), this.#policy));
  }

  #enter(state: BreakerState): void {
    const wasOpen = this.isOpen;
    this.#state = state;
    if (this.isOpen !== wasOpen) this.#onChange(this.isOpen);
  }

  #unavailable(what: string, retryAfterMs: number): AppError {
    return new AppError('unavailable', `${this.#name} ${what}.`, {
      retryable: true,
      context: { retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)) },
    });
  }
}

/** Other faults are answers: the engine is there and says what is wrong with the call. */
function isAway(error: unknown): boolean {
  return isAppError(error, 'unavailable') || isAppError(error, 'timeout');
}

/** A call that throws before it has begun rejects like any other. */
async function attempt<T>(call: () => Promise<T>): Promise<T> {
  return call();
}
