import { AppError } from '@ebap/pipeline/errors';
import { describeEnd, type EngineCommand, EngineProcess } from '../process/engineProcess.ts';
import { lastLines } from '../process/logFile.ts';
import type { EngineName } from '../versions.ts';
import type { Engine } from './engine.ts';

/** What makes an engine of one process. */
export interface EnginePlan {
  readonly name: EngineName;
  readonly title: string;
  readonly needs: readonly EngineName[];
  readonly logFile: string;
  /** Makes folders, configuration and, at the first start, data; runs before each start. */
  prepare(): Promise<Omit<EngineCommand, 'logFile'>>;
  /** Whether it answers now; never throws. */
  isReady(): Promise<boolean>;
  /** Runs each time it has ended in order. */
  afterStop?(): void;
  readonly stopWithinMs: number;
}

const READY_WITHIN_MS = 180_000;
const POLL_MS = 50;
const SHOWN_LOG_LINES = 20;

/** An engine that is one process of this machine. */
export class ProcessEngine implements Engine {
  readonly #plan: EnginePlan;
  readonly #listeners: ((why: string) => void)[] = [];
  #process: EngineProcess | undefined;
  #starting: Promise<void> | undefined;
  #endExpected = false;

  constructor(plan: EnginePlan) {
    this.#plan = plan;
  }

  get name(): EngineName {
    return this.#plan.name;
  }

  get title(): string {
    return this.#plan.title;
  }

  get needs(): readonly EngineName[] {
    return this.#plan.needs;
  }

  get logFile(): string {
    return this.#plan.logFile;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(): Promise<void> {
    this.#starting ??= this.#startNow().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async stop(): Promise<void> {
    this.#endExpected = true;
    if (this.pid !== undefined) await this.#stopRunning();
    await this.#starting?.catch(() => {});
  }

  async kill(): Promise<void> {
    this.#endExpected = true;
    this.#process?.signal('SIGKILL');
    await this.#process?.ended;
  }

  pause(): void {
    this.#process?.signal('SIGSTOP');
  }

  resume(): void {
    this.#process?.signal('SIGCONT');
  }

  onUnexpectedEnd(listener: (why: string) => void): void {
    this.#listeners.push(listener);
  }

  async #stopRunning(): Promise<void> {
    const end = await this.#process?.stop(this.#plan.stopWithinMs);
    if (end?.signal === null) this.#plan.afterStop?.();
  }

  async #startNow(): Promise<void> {
    if (this.pid !== undefined) return;
    this.#endExpected = false;
    const command = await this.#plan.prepare();
    if (this.#endExpected) throw new AppError('cancelled', 'Stopped.');
    const process = new EngineProcess({ ...command, logFile: this.logFile });
    this.#process = process;
    try {
      await this.#untilReady(process);
    } catch (error) {
      this.#endExpected = true;
      await process.stop(this.#plan.stopWithinMs);
      throw error;
    }
    void process.ended.then((end) => {
      if (!this.#endExpected) for (const listener of this.#listeners) listener(describeEnd(end));
    });
  }

  async #untilReady(process: EngineProcess): Promise<void> {
    const deadlineMs = performance.now() + READY_WITHIN_MS;
    while (performance.now() < deadlineMs) {
      if (process.pid === undefined) throw await this.#endedTooSoon(process);
      if (await this.#plan.isReady()) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    throw new AppError('timeout', `${this.title} was not ready after ${READY_WITHIN_MS / 1_000} s. ${this.#logTail()}`);
  }

  async #endedTooSoon(process: EngineProcess): Promise<AppError> {
    if (this.#endExpected) return new AppError('cancelled', 'Stopped.');
    const end = describeEnd(await process.ended);
    return new AppError('unavailable', `${this.title} could not start: ${end}. ${this.#logTail()}`);
  }

  #logTail(): string {
    return `The end of ${this.logFile}:\n${lastLines(this.logFile, SHOWN_LOG_LINES)}`;
  }
}
