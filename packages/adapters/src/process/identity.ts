import { readFileSync } from 'node:fs';

/** Field 22 of /proc/<pid>/stat, counted from the one after the command's closing bracket. */
const START_TIME_INDEX = 19;

/**
 * Tells a process from a later one with the same id: the id and, where /proc exists, the process's start time.
 * @returns undefined when there is no such process
 */
export function processIdentity(pid: number): string | undefined {
  if (!exists(pid)) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; only its parent has not asked yet.
    if (fields[0] === 'Z') return undefined;
    return `${pid}@${fields[START_TIME_INDEX]}`;
  } catch {
    return String(pid);
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
