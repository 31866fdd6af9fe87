import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly rssKib: number;
}

/** Ids of the process and all that descend from it, parents first; empty when it is gone. */
export function processTree(pid: number): number[] {
  return treeOf(pid).map((row) => row.pid);
}

/** Memory that the process and its descendants hold in all; pages that they share count once where the system tells. */
export function residentBytes(pid: number): number {
  return treeOf(pid).reduce((sum, row) => sum + (proportionalKib(row.pid) ?? row.rssKib) * 1024, 0);
}

/** Linux knows each process's share of the pages that it shares with others. */
function proportionalKib(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const kib = /^Pss:\s+(\d+) kB/m.exec(text)?.[1];
    return kib === undefined ? undefined : Number(kib);
  } catch {
    return undefined;
  }
}

/** Sends the signal to the process and all that descend from it; those that are gone already are fine. */
export function signalTree(pid: number, signal: NodeJS.Signals): void {
  for (const member of processTree(pid)) {
    try {
      process.kill(member, signal);
    } catch {
      // It ended by itself just now.
    }
  }
}

function treeOf(pid: number): Row[] {
  const rows = listProcesses();
  const tree = rows.filter((row) => row.pid === pid);
  for (const member of tree) tree.push(...rows.filter((row) => row.parent === member.pid));
  return tree;
}

function listProcesses(): Row[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,rss='], { encoding: 'utf8', maxBuffer: 16 << 20 });
  return (stdout ?? '').split('\n').flatMap((line) => {
    const [pid = 0, parent = 0, rssKib = 0] = line.trim().split(/\s+/).map(Number);
    return pid > 0 ? [{ pid, parent, rssKib }] : [];
  });
}
