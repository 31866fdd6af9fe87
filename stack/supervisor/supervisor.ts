import { AppError } from '@ebap/pipeline/errors';
import type { ReadyProbe } from './readiness.ts';
import { decideRestart, NO_RESTARTS, type RestartState } from './restartPolicy.ts';
import { type ProcessEnd, type ProcessSpec, ServiceProcess } from './serviceProcess.ts';

export interface ServiceSpec extends ProcessSpec {
  readonly name: string;
  /** Absent: ready as soon as it runs. */
  readonly ready?: ReadyProbe;
  /** How long it may take to become ready at the first start. */
  readonly readyWithinMs: number;
  /** How long it may take to end after SIGTERM. */
  readonly stopWithinMs: number;
  /** Runs before each start of the process. */
  readonly beforeStart?: () => void;
}

export interface SupervisorLog {
  /** One line of a service's output. */
  output(service: string, line: string): void;
  /** What the supervisor does. */
  event(service: string, message: string): void;
  /** A service's process was started; for those who keep a record of them. */
  started?(pids: ReadonlyMap<string, number>): void;
}

interface Service {
  readonly spec: ServiceSpec;
  process: ServiceProcess | undefined;
  restarts: RestartState;
  restartTimer: NodeJS.Timeout | undefined;
  everReady: boolean;
}

const POLL_MS = 100;

/** Runs services in the order they are started, restarts those that end by themselves, stops them in reverse order. */
export class Supervisor {
  readonly #log: SupervisorLog;
  readonly #services: Service[] = [];
  #stopping = false;

  constructor(log: SupervisorLog) {
    this.#log = log;
  }

  /**
   * Starts a service and resolves when it is ready.
   * @throws AppError `unavailable` when it ends or stays unready at its first start; `cancelled` when stopped meanwhile
   */
  async start(spec: ServiceSpec): Promise<void> {
    if (this.#stopping) throw stopped();
    const service: Service = {
      spec,
      process: undefined,
      restarts: NO_RESTARTS,
      restartTimer: undefined,
      everReady: false,
    };
    this.#services.push(service);
    this.#launch(service);
    await this.#untilReady(service);
    service.everReady = true;
  }

  /** Process ids of the services that run, by name. */
  pids(): ReadonlyMap<string, number> {
    return new Map(
      this.#services.flatMap(({ spec, process }) =>
        process?.running === true && process.pid !== undefined ? [[spec.name, process.pid] as const] : [],
      ),
    );
  }

  /** Stops all services, the last started first, each given its time. */
  async stopAll(): Promise<void> {
    this.#stopping = true;
    for (const service of this.#services) clearTimeout(service.restartTimer);
    for (const service of this.#services.toReversed()) {
      if (service.process?.running !== true) continue;
      const end = await service.process.stop(service.spec.stopWithinMs);
      if (end.signal === 'SIGKILL') this.#log.event(service.spec.name, 'did not stop in time and was killed');
    }
  }

  /** Ends everything at once. */
  killAll(): void {
    this.#stopping = true;
    for (const service of this.#services) {
      clearTimeout(service.restartTimer);
      service.process?.kill();
    }
  }

  #launch(service: Service): void {
    service.spec.beforeStart?.();
    const startedMs = performance.now();
    const started = new ServiceProcess(service.spec, (line) => this.#log.output(service.spec.name, line));
    service.process = started;
    this.#log.started?.(this.pids());
    void started.ended.then((end) => this.#onEnd(service, end, performance.now() - startedMs));
  }

  #onEnd(service: Service, end: ProcessEnd, livedMs: number): void {
    // A first start that fails is told to whoever waits for it, not tried again.
    if (this.#stopping || !service.everReady) return;
    const { state, delayMs, crashLoop } = decideRestart(service.restarts, livedMs);
    service.restarts = state;
    const again = `starts again in ${(delayMs / 1000).toFixed(1)} s`;
    this.#log.event(
      service.spec.name,
      crashLoop
        ? `keeps ending (${state.shortLives} times in a row, last: ${describeEnd(end)}); ${again}. Its lines above say why.`
        : `ended (${describeEnd(end)}); ${again}`,
    );
    service.restartTimer = setTimeout(() => {
      if (!this.#stopping) this.#launch(service);
    }, delayMs);
  }

  async #untilReady(service: Service): Promise<void> {
    const { spec } = service;
    const deadlineMs = performance.now() + spec.readyWithinMs;
    do {
      if (this.#stopping) throw stopped();
      const process = service.process;
      if (process !== undefined && !process.running) {
        const end = describeEnd(await process.ended);
        throw new AppError('unavailable', `The ${spec.name} could not start: ${end}. Its lines above say why.`);
      }
      if (spec.ready === undefined || (await spec.ready())) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    } while (performance.now() < deadlineMs);
    throw new AppError('timeout', `The ${spec.name} was not ready after ${spec.readyWithinMs / 1000} s.`);
  }
}

function stopped(): AppError {
  return new AppError('cancelled', 'Stopped.');
}

function describeEnd(end: ProcessEnd): string {
  if (end.error !== undefined) return end.error.message;
  return end.signal === null ? `exit code ${end.code}` : `signal ${end.signal}`;
}
