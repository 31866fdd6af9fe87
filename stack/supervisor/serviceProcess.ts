import { type ChildProcess, spawn } from 'node:child_process';
import { LIFELINE_FD_VARIABLE } from '@ebap/adapters/process';
import { LineCutter } from '../terminal/index.ts';

export interface ProcessSpec {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set when the program could not be started at all. */
  readonly error?: Error;
}

const LIFELINE_FD = 3;

/**
 * One child process in a process group of its own, so that a terminal's Ctrl-C reaches only the supervisor. It holds
 * one end of a pipe; when this process goes, the pipe closes and the child ends (see `lifelinePreload.ts`).
 */
export class ServiceProcess {
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  #running = true;

  constructor(spec: ProcessSpec, onLine: (line: string) => void) {
    const [command, ...args] = spec.command;
    this.#child = spawn(command, args, {
      cwd: spec.cwd,
      env: { ...spec.env, [LIFELINE_FD_VARIABLE]: String(LIFELINE_FD) },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) pipeLines(stream, onLine);
    this.#child.stdio[LIFELINE_FD]?.on('error', () => {});
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#end(resolve, { code: null, signal: null, error }));
      this.#child.once('exit', (code, signal) => this.#end(resolve, { code, signal }));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Asks the process to end, and ends it and everything it started when it has not after `graceMs`. */
  async stop(graceMs: number): Promise<ProcessEnd> {
    if (!this.#running) return this.ended;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), graceMs);
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }

  /** Ends the process group at once. */
  kill(): void {
    if (this.#running) this.#killGroup();
  }

  #end(resolve: (end: ProcessEnd) => void, end: ProcessEnd): void {
    this.#running = false;
    // What the process itself started and left behind goes with it.
    this.#killGroup();
    resolve(end);
  }

  #killGroup(): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // No process of the group is left.
    }
  }
}

function pipeLines(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  if (stream === null) return;
  const cutter = new LineCutter(onLine);
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => cutter.push(text));
  stream.on('end', () => cutter.end());
}
