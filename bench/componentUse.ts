import { readdirSync, readFileSync } from 'node:fs';

/** What one component of the platform has used so far, its child processes included. */
export interface ComponentUse {
  readonly cpuSeconds: number;
  readonly rssMb: number;
}

/** Linux counts CPU time in hundredths of a second. */
const TICKS_PER_SECOND = 100;
const PAGE_MB = 4_096 / 1e6;

/** By name of the component; empty where the system does not tell (Linux does). */
export function componentUse(pids: ReadonlyMap<string, number>): ReadonlyMap<string, ComponentUse> {
  if (process.platform !== 'linux') return new Map();
  const processes = readProcesses();
  return new Map([...pids].map(([name, pid]) => [name, useOf(pid, processes)]));
}

interface ProcessUse extends ComponentUse {
  readonly parent: number;
}

function useOf(pid: number, processes: ReadonlyMap<number, ProcessUse>): ComponentUse {
  let { cpuSeconds = 0, rssMb = 0 } = processes.get(pid) ?? {};
  for (const [child, { parent }] of processes) {
    if (parent !== pid) continue;
    const use = useOf(child, processes);
    cpuSeconds += use.cpuSeconds;
    rssMb += use.rssMb;
  }
  return { cpuSeconds, rssMb };
}

function readProcesses(): ReadonlyMap<number, ProcessUse> {
  const found = new Map<number, ProcessUse>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // The second field, the program's name in brackets, may hold anything.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const at = (i: number): number => Number(fields[i]);
      // Time of children that have ended counts too: a restarted query of PostgreSQL, a compiler thread.
      const ticks = at(11) + at(12) + at(13) + at(14);
      found.set(Number(name), { parent: at(1), cpuSeconds: ticks / TICKS_PER_SECOND, rssMb: at(21) * PAGE_MB });
    } catch {
      // It has ended.
    }
  }
  return found;
}
