import { type ChildProcess, spawn } from 'node:child_process';
import { AppError } from '@ebap/pipeline/errors';
import { signalTree } from './processTree.ts';

export interface ToolOptions {
  /** The whole environment of the tool. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Ends the tool and what it started. */
  readonly signal?: AbortSignal;
  /** Takes what it writes to standard output, as it comes. */
  readonly onOutput?: (text: string) => void;
  /** What to do when the program is not there. */
  readonly ifMissing?: string;
}

const SHOWN_LINES = 20;

/**
 * Runs a program to its end.
 * @returns its standard output
 * @throws AppError `configuration` when it cannot be run, `unavailable` with its last lines when it fails, `cancelled`
 */
export async function runTool(program: string, args: readonly string[], options: ToolOptions): Promise<string> {
  if (options.signal?.aborted === true) throw new AppError('cancelled', 'Stopped.');
  // A group of its own: a terminal's Ctrl-C is for us to act on.
  const child = spawn(program, args, {
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let output = '';
  let both = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    both += text;
    options.onOutput?.(text);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    both += text;
  });
  const abort = () => {
    if (child.pid !== undefined) signalTree(child.pid, 'SIGKILL');
  };
  options.signal?.addEventListener('abort', abort);
  try {
    const code = await endOf(child, options.ifMissing ?? `${program} cannot be run here.`);
    options.signal?.throwIfAborted();
    if (code === 0) return output;
  } catch (error) {
    throw options.signal?.aborted ? new AppError('cancelled', 'Stopped.') : error;
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
  const words = both.trim().split('\n').slice(-SHOWN_LINES).join('\n');
  throw new AppError('unavailable', `${program} failed:\n${words}`);
}

/** The exit code, null when a signal ended it. */
async function endOf(child: ChildProcess, ifMissing: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new AppError('configuration', ifMissing, { cause })));
    child.once('close', resolve);
  });
}
