import type { EngineId, EngineState, EngineStatus } from '../../src/server/engineStatus.ts';
import { type Observation, observe, upSince, type WatchedState } from './engineState.ts';

/** One engine, and how to look at it. */
export interface WatchedEngine {
  readonly engine: EngineId;
  readonly label: string;
  /** Looks at it; a rejection means that it is down. `signal` aborts when the answer comes too late to count. */
  readonly look: (signal: AbortSignal) => Promise<Observation>;
  /** Bad looks in a row until they are believed. Default 2: one slow answer is no outage. */
  readonly looksToBelieve?: number;
}

export interface EngineWatchOptions {
  readonly engines: readonly WatchedEngine[];
  readonly nowMs: () => number;
  readonly onChange?: OnChange;
  readonly pace?: Partial<Pace>;
}

/** Told of an engine's new state. */
type OnChange = (status: EngineStatus, before: EngineState) => void;

/** How often is looked, ms. An outage is believed within `everyMs` + 2 × `boundMs` + `soonMs`. */
interface Pace {
  readonly everyMs: number;
  /** The next look while something is suspected, or known to be down. */
  readonly soonMs: number;
  /** Of one look. */
  readonly boundMs: number;
}

const PACE: Pace = { everyMs: 1_500, soonMs: 300, boundMs: 2_000 };

/** Looks at every engine again and again, each on its own: one that hangs holds up no other. */
export class EngineWatch {
  readonly #lookouts: readonly Lookout[];

  constructor({ engines, nowMs, onChange = () => undefined, pace }: EngineWatchOptions) {
    const chosen = { ...PACE, ...pace };
    this.#lookouts = engines.map((engine) => new Lookout(engine, chosen, nowMs, onChange));
  }

  start(): void {
    for (const lookout of this.#lookouts) lookout.start();
  }

  stop(): void {
    for (const lookout of this.#lookouts) lookout.stop();
  }

  /** All engines as they are known now. */
  statuses(): readonly EngineStatus[] {
    return this.#lookouts.map((lookout) => lookout.status);
  }

  /** Whether an engine is down or suspected to be. */
  isTroubled(engine: EngineId): boolean {
    return this.#lookouts.some((lookout) => lookout.engine === engine && lookout.isTroubled);
  }
}

/** Looks that may be out at a time: an engine that hangs is not asked again and again. */
const MAX_LOOKS_OUT = 3;

/** Watches one engine. */
class Lookout {
  readonly #engine: WatchedEngine;
  readonly #pace: Pace;
  readonly #nowMs: () => number;
  readonly #onChange: OnChange;
  #known: WatchedState;
  #timer: NodeJS.Timeout | null = null;
  #looksOut = 0;
  #isStopped = false;

  constructor(engine: WatchedEngine, pace: Pace, nowMs: () => number, onChange: OnChange) {
    this.#engine = engine;
    this.#pace = pace;
    this.#nowMs = nowMs;
    this.#onChange = onChange;
    this.#known = upSince(nowMs());
  }

  get engine(): EngineId {
    return this.#engine.engine;
  }

  get isTroubled(): boolean {
    return this.#known.state === 'down' || this.#known.suspicion !== null;
  }

  get status(): EngineStatus {
    const { state, sinceMs, message } = this.#known;
    return { engine: this.#engine.engine, label: this.#engine.label, state, sinceMs, message };
  }

  start(): void {
    this.#schedule(0);
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #schedule(delayMs: number): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => void this.#turn(), delayMs);
  }

  async #turn(): Promise<void> {
    const startMs = this.#nowMs();
    const begunMs = performance.now();
    this.#take(await this.#lookInTime(), startMs);
    const { everyMs, soonMs } = this.#pace;
    const isCalm = this.#known.state !== 'down' && this.#known.suspicion === null;
    this.#schedule(isCalm ? Math.max(soonMs, everyMs - (performance.now() - begunMs)) : soonMs);
  }

  /** A look's outcome, or that none came within the bound. Good news that comes later counts when it comes. */
  async #lookInTime(): Promise<Observation> {
    const { boundMs } = this.#pace;
    const { promise: late, resolve } = Promise.withResolvers<Observation>();
    const stop = new AbortController();
    const timer = setTimeout(() => {
      stop.abort();
      resolve({ kind: 'down', message: `No answer within ${boundMs / 1_000} s.` });
    }, boundMs);
    const looking = this.#looksOut < MAX_LOOKS_OUT ? this.#look(stop.signal) : late;
    const seen = await Promise.race([looking, late]);
    clearTimeout(timer);
    return seen;
  }

  async #look(signal: AbortSignal): Promise<Observation> {
    this.#looksOut++;
    try {
      const seen = await this.#engine.look(signal);
      if (signal.aborted && seen.kind === 'up') this.#take(seen, this.#nowMs());
      return seen;
    } catch (error) {
      return { kind: 'down', message: error instanceof Error ? error.message : String(error) };
    } finally {
      this.#looksOut--;
    }
  }

  #take(seen: Observation, atMs: number): void {
    if (this.#isStopped) return;
    const { state } = this.#known;
    this.#known = observe(this.#known, seen, atMs, this.#engine.looksToBelieve ?? 2);
    if (this.#known.state !== state) this.#onChange(this.status, state);
  }
}
