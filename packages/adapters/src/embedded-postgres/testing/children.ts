import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ReachableCopy } from './reachableCopy.ts';

/** What a starter process said first: an address, or the fault that kept it from starting. */
export interface StarterAnswer {
  readonly url?: string;
  readonly code?: string;
  readonly message?: string;
}

export interface Starter {
  readonly child: ChildProcess;
  readonly answer: StarterAnswer;
  /** Asks for a clean stop and waits for the process. */
  stop(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
}

const STARTER = fileURLToPath(new URL('./starter.ts', import.meta.url));

/** Starts the database in a process of its own, optionally as another user and from a copy that this user can read. */
export async function spawnStarter(
  options: object,
  runAs: { readonly uid?: number; readonly gid?: number } = {},
  programs: ReachableCopy = { node: process.execPath, starter: STARTER },
): Promise<Starter> {
  const child = spawn(programs.node, [programs.starter, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {},
    ...runAs,
  });
  const exited = once(child, 'exit').catch(() => {}); // a program that can't be started is told below
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The starter ended with ${code} and said nothing.`)));
  });
  return {
    child,
    answer: JSON.parse(line),
    async stop() {
      child.stdin.end('stop\n');
      await exited;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Starts the database in a process of its own and kills it `-9` after `delayMs`, wherever it is then. */
export async function killStarterAfter(options: object, delayMs: number): Promise<void> {
  const child = spawn(process.execPath, [STARTER, JSON.stringify(options)], { stdio: 'ignore', env: {} });
  const exited = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), delayMs);
  await exited;
  clearTimeout(timer);
}
