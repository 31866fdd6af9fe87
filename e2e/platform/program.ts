import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

const STOP_WITHIN_MS = 60_000;
const POLL_MS = 200;
const SHOWN_LINES = 60;

export interface ProgramOptions {
  /** A script for Node, with its arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** On top of this process's own variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Answers 2xx once the program is ready. */
  readonly readyUrl: string;
  readonly readyWithinMs: number;
}

/** A started platform's first process. */
export interface Program {
  /**
   * Ends it as Ctrl-C does.
   * @throws Error with the end of its output when it does not end in time or ends with a fault
   */
  stop(): Promise<void>;
}

/**
 * Starts a platform and waits until it is ready.
 * @throws Error with the end of its output when it is not ready in time
 */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { command, cwd, env } = options;
  const output: string[] = [];
  const child = spawn(process.execPath, command, {
    cwd,
    // A group of its own: a Ctrl-C at the tests reaches it once, by us.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, EBAP_LIFELINE_FD: '3', ...env },
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => output.push(...text.trimEnd().split('\n')));
  const told = () => output.slice(-SHOWN_LINES).join('\n');
  try {
    await untilReady(child, options, told);
  } catch (error) {
    await end(child, 'SIGKILL');
    throw error;
  }
  return {
    async stop() {
      const code = await end(child, 'SIGINT');
      if (code !== 0) throw new Error(`The platform ended with ${code}:\n${told()}`);
    },
  };
}

async function untilReady(
  child: ChildProcess,
  { readyUrl, readyWithinMs }: ProgramOptions,
  told: () => string,
): Promise<void> {
  const deadlineMs = performance.now() + readyWithinMs;
  while (performance.now() < deadlineMs) {
    if (child.exitCode !== null) throw new Error(`The platform did not start:\n${told()}`);
    if (await answers(readyUrl)) return;
    await delay(POLL_MS);
  }
  throw new Error(`The platform was not ready within ${readyWithinMs / 1_000} s:\n${told()}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return answer.ok;
  } catch {
    return false;
  }
}

/** Signals the process and waits for its end; what outlives the time is killed with its group. */
async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const timer = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), STOP_WITHIN_MS);
  const code = await exited;
  clearTimeout(timer);
  return code;
}
