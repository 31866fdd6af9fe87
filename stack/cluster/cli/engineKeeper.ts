import { decideRestart, NO_RESTARTS, type RestartState } from '../../supervisor/restartPolicy.ts';
import type { Engine } from '../engines/engine.ts';

/** Says what became of an engine. */
export type TellEngine = (engine: Engine, message: string) => void;

/** Starts engines again that end by themselves, as the supervisor does with the platform's programs. */
export class EngineKeeper {
  readonly #tell: TellEngine;
  readonly #onStarted: () => void;
  readonly #timers = new Map<Engine, NodeJS.Timeout>();
  #released = false;

  /** @param onStarted runs each time an engine answers again */
  constructor(tell: TellEngine, onStarted: () => void) {
    this.#tell = tell;
    this.#onStarted = onStarted;
  }

  /** Looks after an engine that runs. */
  keep(engine: Engine): void {
    let state: RestartState = NO_RESTARTS;
    let startedMs = performance.now();
    const again = (why: string) => {
      if (this.#released) return;
      const decision = decideRestart(state, performance.now() - startedMs);
      state = decision.state;
      const loop = decision.crashLoop ? `keeps ending (${state.shortLives} times in a row, last: ${why})` : why;
      this.#tell(engine, `${loop}; starts again in ${(decision.delayMs / 1000).toFixed(1)} s. Log: ${engine.logFile}`);
      this.#timers.set(
        engine,
        setTimeout(() => {
          startedMs = performance.now();
          void engine.start().then(
            () => {
              this.#tell(engine, 'answers again');
              this.#onStarted();
            },
            (error: unknown) => again(firstLine(error)),
          );
        }, decision.delayMs),
      );
    };
    engine.onUnexpectedEnd((why) => again(`ended (${why})`));
  }

  /** Leaves the engines to themselves: they are about to be stopped. */
  release(): void {
    this.#released = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
