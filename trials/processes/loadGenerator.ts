import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { guard } from '../../stack/cluster/process/guard.ts';

/** The simulator's load generator as a process of its own, which ends with this one. */
export interface LoadGenerator<Report> {
  readonly pid: number | undefined;
  /** What it says of its run. Rejects when it fails. */
  readonly ended: Promise<Report>;
  /** Ends it before its time: what is under way is waited for. */
  stop(): void;
  kill(): void;
}

/** How it ends when some events were never acknowledged, which its report tells. */
export const ENDED_UNACKNOWLEDGED = 2;

/**
 * @param root the checkout
 * @param options by their names on its command line
 * @param endings exit codes that are no failure
 */
export function startLoadGenerator<Report>(
  root: string,
  options: Readonly<Record<string, string | number>>,
  endings: readonly number[],
): LoadGenerator<Report> {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, [join(root, 'apps/simulator/src/load.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const dismissGuard = child.pid === undefined ? (): void => {} : guard(child.pid);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const ended = new Promise<Report>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      dismissGuard();
      if (code !== null && endings.includes(code)) resolve(JSON.parse(text) as Report);
      else reject(new Error(`the load ended with ${code}: ${text}`));
    });
  });
  ended.catch(() => {}); // whoever waits for it is told
  return {
    pid: child.pid,
    ended,
    stop: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
  };
}
