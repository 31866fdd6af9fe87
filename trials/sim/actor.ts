import { AppError } from '@ebap/pipeline/errors';
import type { Clock } from '@ebap/pipeline/ports';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** How often things go wrong, per effect. */
export interface Faults {
  readonly kill: number;
  readonly pause: number;
  readonly lostRequest: number;
  readonly lostResponse: number;
  readonly slow: number;
  /** Kills the actor that runs this effect, counted over the whole simulation; -1 = none. */
  readonly killAtEffect: number;
}

/** Counts effects over all actors, so that a kill can be aimed at any single one. */
export interface EffectCounter {
  count: number;
}

const PAUSE_MS = 70_000;

/** One worker process: its effects take time, fail, are answered late or never, and end when it is killed. */
export class Actor {
  readonly name: string;
  alive = true;
  #pausedUntilMs = 0;
  readonly #skewMs: number;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #faults: Faults;
  readonly #effects: EffectCounter;
  readonly #onKill: (actor: Actor) => void;

  constructor(
    name: string,
    parts: {
      scheduler: Scheduler;
      random: Random;
      faults: Faults;
      effects: EffectCounter;
      onKill: (actor: Actor) => void;
    },
  ) {
    this.name = name;
    this.#scheduler = parts.scheduler;
    this.#random = parts.random;
    this.#faults = parts.faults;
    this.#effects = parts.effects;
    this.#onKill = parts.onKill;
    // A worker's own clock may be wrong; nothing but its timers may depend on it.
    this.#skewMs = this.#random.int(7_200_000) - 3_600_000;
  }

  kill(): void {
    if (!this.alive) return;
    this.alive = false;
    this.#onKill(this);
  }

  /** The world stops for this process; what it sent before arrives, what it hears comes late: a zombie is born. */
  pause(ms: number): void {
    this.#pausedUntilMs = this.#scheduler.nowMs + ms;
  }

  readonly clock: Clock = {
    nowMs: () => this.#scheduler.nowMs + this.#skewMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const cancel = (): void => reject(new AppError('cancelled', 'sleep was cancelled'));
        if (signal?.aborted) {
          cancel();
          return;
        }
        signal?.addEventListener('abort', cancel, { once: true });
        this.#answer(ms, () => {
          signal?.removeEventListener('abort', cancel);
          resolve();
        });
      }),
  };

  /** Delivers an answer to the process, unless it is dead; later if it is paused. */
  #answer(afterMs: number, deliver: () => void): void {
    this.#scheduler.after(afterMs, () => {
      if (!this.alive) return;
      const lateMs = this.#pausedUntilMs - this.#scheduler.nowMs;
      if (lateMs > 0) this.#answer(lateMs, deliver);
      else deliver();
    });
  }

  #delayMs(): number {
    return this.#random.chance(this.#faults.slow) ? this.#random.int(3_000) : this.#random.int(8);
  }

  /**
   * An effect on the world: request, application, answer, with a fault at any of them. `apply` may answer later by
   * returning a promise of the simulation's own.
   */
  effect<T>(apply: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#scheduler.after(this.#delayMs(), () => {
        if (!this.alive) return;
        const random = this.#random;
        const faults = this.#faults;
        const hit = this.#effects.count++ === faults.killAtEffect || random.chance(faults.kill);
        if (hit && random.chance(0.5)) {
          this.kill();
          return;
        }
        const unavailable = (): void =>
          this.#answer(this.#delayMs(), () =>
            reject(new AppError('unavailable', 'simulated outage', { retryable: true })),
          );
        if (random.chance(faults.lostRequest)) {
          unavailable();
          return;
        }
        if (random.chance(faults.pause)) this.pause(PAUSE_MS + random.int(PAUSE_MS));
        let applied: Promise<T>;
        try {
          applied = Promise.resolve(apply());
        } catch (error) {
          this.#answer(this.#delayMs(), () => reject(error));
          return;
        }
        if (hit) {
          this.kill();
          return;
        }
        const lost = random.chance(faults.lostResponse);
        applied.then(
          (value) => (lost ? unavailable() : this.#answer(this.#delayMs(), () => resolve(value))),
          (error: unknown) => this.#answer(this.#delayMs(), () => reject(error)),
        );
      });
    });
  }
}
