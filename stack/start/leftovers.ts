import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { processIdentity } from '@ebap/adapters/process';

const GRACE_MS = 12_000;
const POLL_MS = 100;

/** Writes down the running services, so that a later start can tell what a killed one left. */
export function recordServices(file: string, pids: ReadonlyMap<string, number>): void {
  const entries = [...pids].flatMap(([name, pid]) => {
    const identity = processIdentity(pid);
    return identity === undefined ? [] : [[name, { pid, identity }] as const];
  });
  writeFileSync(file, JSON.stringify(Object.fromEntries(entries)), { mode: 0o600 });
}

/**
 * Waits for the services of a killed start to end (their lifeline is cut already), and ends those that do not.
 * @returns the names of those that had to be ended
 */
export async function endLeftovers(file: string, graceMs = GRACE_MS): Promise<string[]> {
  const deadlineMs = performance.now() + graceMs;
  let left = livingServices(file);
  while (left.length > 0 && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    left = livingServices(file);
  }
  for (const { pid } of left) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It ended by itself just now.
    }
  }
  rmSync(file, { force: true });
  return left.map(({ name }) => name);
}

/** The recorded services that still run. */
export function livingServices(file: string): { readonly name: string; readonly pid: number }[] {
  let recorded: unknown;
  try {
    recorded = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return [];
  }
  if (typeof recorded !== 'object' || recorded === null) return [];
  return Object.entries(recorded).flatMap(([name, entry]) => {
    const pid = Number(entry?.pid);
    return Number.isSafeInteger(pid) && pid > 1 && processIdentity(pid) === entry.identity ? [{ name, pid }] : [];
  });
}
