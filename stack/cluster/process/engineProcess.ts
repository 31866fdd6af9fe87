import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { guard } from './guard.ts';
import { openLog } from './logFile.ts';
import { signalTree } from './processTree.ts';

export interface EngineCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Takes what the process writes. */
  readonly logFile: string;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set when the program could not be started at all. */
  readonly error?: Error;
}

/**
 * One process of an engine. It leads a process group of its own, so that a terminal's Ctrl-C does not end it before
 * those that use it; it ends with this process, however that goes.
 */
export class EngineProcess {
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #dismissGuard: () => void;
  #running = true;

  constructor(command: EngineCommand) {
    const log = openLog(command.logFile);
    this.#child = spawn(command.program, command.args, {
      cwd: command.cwd,
      env: { ...command.env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    this.#dismissGuard = this.#child.pid === undefined ? () => {} : guard(this.#child.pid);
    this.ended = new Promise((resolve) => {
      const end = (result: ProcessEnd) => {
        this.#running = false;
        this.#dismissGuard();
        resolve(result);
      };
      this.#child.once('error', (error) => end({ code: null, signal: null, error }));
      this.#child.once('exit', (code, signal) => end({ code, signal }));
    });
  }

  get pid(): number | undefined {
    return this.#running ? this.#child.pid : undefined;
  }

  /** Asks the process to end, waking it if it is paused, and ends it when it has not after `graceMs`. */
  async stop(graceMs: number): Promise<ProcessEnd> {
    if (!this.#running) return this.ended;
    this.#child.kill('SIGTERM');
    this.signal('SIGCONT');
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }

  /** Sends the signal to the process and what it started. */
  signal(name: NodeJS.Signals): void {
    if (this.pid !== undefined) signalTree(this.pid, name);
  }
}

export function describeEnd({ code, signal, error }: ProcessEnd): string {
  if (error !== undefined) return error.message;
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}
