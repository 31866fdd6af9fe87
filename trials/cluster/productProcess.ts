import { createWriteStream, type WriteStream } from 'node:fs';
import { guard } from '../../stack/cluster/process/guard.ts';
import { ServiceProcess, type ServiceSpec } from '../../stack/supervisor/index.ts';
import { until } from '../processes/tree.ts';

const START_AGAIN_MS = 500;

/** One program of the product, kept running as an orchestrator would: what ends by itself is started again. */
export class ProductProcess {
  readonly name: string;
  /** How often it ended without having been told to. */
  unexpectedEnds = 0;
  /** How often it was told to end and had to be killed. */
  lateStops = 0;
  readonly #spec: ServiceSpec;
  readonly #log: WriteStream;
  #process: ServiceProcess | null = null;
  readonly #told = new WeakSet<ServiceProcess>();
  #isWanted = false;

  constructor(spec: ServiceSpec, logFile: string) {
    this.name = spec.name;
    this.#spec = spec;
    this.#log = createWriteStream(logFile, { flags: 'a' });
  }

  get isWanted(): boolean {
    return this.#isWanted;
  }

  get isRunning(): boolean {
    return this.#process?.running === true;
  }

  get pid(): number | undefined {
    return this.isRunning ? this.#process?.pid : undefined;
  }

  /** Does not wait until it is ready. */
  start(): void {
    this.#isWanted = true;
    if (this.isRunning) return;
    this.#note('started');
    const process = new ServiceProcess(this.#spec, (line) => this.#log.write(`${line}\n`));
    this.#process = process;
    // A paused one could not notice that this process has gone.
    const dismissGuard = process.pid === undefined ? (): void => {} : guard(process.pid);
    void process.ended.then((end) => {
      dismissGuard();
      this.#note(`ended with ${end.signal ?? end.code}`);
      if (!this.#isWanted || this.#process !== process) return;
      if (end.signal !== 'SIGKILL' && !this.#told.has(process)) this.unexpectedEnds++;
      setTimeout(() => {
        if (this.#isWanted && !this.isRunning) this.start();
      }, START_AGAIN_MS);
    });
  }

  isReady(): Promise<boolean> {
    return this.#spec.ready?.() ?? Promise.resolve(true);
  }

  untilReady(withinMs: number): Promise<void> {
    return until(() => this.isReady(), withinMs, 250);
  }

  /** kill -9; it comes back by itself. */
  kill(): void {
    this.#signal('SIGKILL');
  }

  /** Its clock stands still: connections stay open, nothing answers. */
  pause(): void {
    this.#signal('SIGSTOP');
  }

  resume(): void {
    this.#signal('SIGCONT');
  }

  /** An orderly end, killed when it takes too long. */
  async stop(): Promise<void> {
    this.#isWanted = false;
    const process = this.#process;
    if (process === null) return;
    if (!process.running) return;
    this.#told.add(process);
    this.resume();
    const end = await process.stop(this.#spec.stopWithinMs);
    if (end.signal === 'SIGKILL') this.lateStops++;
  }

  /** Ends it for good, at once. */
  end(): void {
    this.#isWanted = false;
    this.#process?.kill();
  }

  #signal(name: NodeJS.Signals): void {
    const pid = this.#process?.pid;
    if (pid === undefined || !this.isRunning) return;
    try {
      process.kill(pid, name);
    } catch {
      // It ended by itself just now.
    }
  }

  #note(what: string): void {
    this.#log.write(`${JSON.stringify({ at: new Date().toISOString(), level: 'note', message: what })}\n`);
  }
}
