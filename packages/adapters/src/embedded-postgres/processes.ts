import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { absent, errnoOf } from './faults.ts';

const run = promisify(execFile);
const POLL_MS = 20;

/** What tells a process from a later one with the same id, or undefined when there is none. */
export async function processIdentity(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') {
    const { stdout } = await run('ps', ['-p', String(pid), '-o', 'lstart=']).catch(() => ({ stdout: '' }));
    return stdout.trim() || undefined;
  }
  const fields = (await statFields(pid)) ?? [];
  const [state] = fields;
  return state === 'Z' ? undefined : fields[19];
}

/** Whether the process works in `folder`, as every PostgreSQL process does with its cluster's. */
export async function worksIn(pid: number, folder: string): Promise<boolean> {
  if (process.platform !== 'linux') {
    const { stdout } = await run('ps', ['-p', String(pid), '-o', 'command=']).catch(() => ({ stdout: '' }));
    return stdout.includes('postgres') && stdout.includes(folder);
  }
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  return cwd === folder;
}

/** Ids of all processes that work in `folder`; empty where the system does not tell. */
export async function processesIn(folder: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (Number.isInteger(pid) && (await worksIn(pid, folder)) && (await isAlive(pid))) found.push(pid);
  }
  return found;
}

/** False for a process that is gone or only waits to be reaped. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return false;
  }
  if (process.platform !== 'linux') return true;
  const fields = await statFields(pid);
  return fields !== undefined && fields[0] !== 'Z';
}

/** Sends the signal; a process that is gone already is fine. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}

/** Polls until the condition holds; false when `timeoutMs` passed first. */
export async function eventually(condition: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const endMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > endMs) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** The fields of proc_pid_stat(5) from the third (state) on: the second may hold blanks and parentheses. */
async function statFields(pid: number): Promise<string[] | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(absent);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}
