import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** What one component of the platform has used so far, its child processes included. */
export interface ComponentUse {
  readonly cpuSeconds: number;
  /** Resident memory; pages that processes share count once per process. */
  readonly rssMb: number;
}

/** Over a span of time. */
export interface UseReport {
  /** Of one core: two busy cores are 200. `rssMb` is the most that was seen. */
  readonly components: Readonly<Record<string, { readonly cpuPercent: number; readonly rssMb: number }>>;
  /** Of this process, which measures. */
  readonly benchCpuPercent: number;
  /** Everything on the machine, and what of it is none of the above: then others were at work too. */
  readonly machineCpuPercent: number | null;
  readonly othersCpuPercent: number | null;
  readonly cores: number;
}

/** Linux counts CPU time in hundredths of a second. */
const TICKS_PER_SECOND = 100;
const PAGE_MB = 4_096 / 1e6;
const SAMPLE_EVERY_MS = 2_000;

/** By name of the component, without those that are gone; empty where the system does not tell (Linux does). */
export function componentUse(pids: ReadonlyMap<string, number>): ReadonlyMap<string, ComponentUse> {
  if (process.platform !== 'linux') return new Map();
  const processes = readProcesses();
  return new Map([...pids].flatMap(([name, pid]) => (processes.has(pid) ? [[name, useOf(pid, processes)]] : [])));
}

/** CPU and memory of components from its making until {@link UseMeter.stop}. */
export class UseMeter {
  readonly #pids: ReadonlyMap<string, number>;
  readonly #before: ReadonlyMap<string, ComponentUse>;
  readonly #busyBefore = busySeconds();
  readonly #ownBefore = process.cpuUsage();
  readonly #startMs = performance.now();
  /** As last seen: a component that ends is gone. */
  readonly #newest = new Map<string, ComponentUse>();
  readonly #mostMb = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(pids: ReadonlyMap<string, number>) {
    this.#pids = pids;
    this.#before = componentUse(pids);
    this.#timer = setInterval(() => this.#sample(), SAMPLE_EVERY_MS);
    this.#timer.unref();
  }

  stop(): UseReport {
    clearInterval(this.#timer);
    this.#sample();
    const seconds = (performance.now() - this.#startMs) / 1_000;
    const percent = (cpuSeconds: number): number => Math.round((cpuSeconds / seconds) * 1_000) / 10;
    const components = [...this.#newest].map(
      ([name, use]) =>
        [name, percent(use.cpuSeconds - (this.#before.get(name)?.cpuSeconds ?? 0)), this.#mostMb.get(name)] as const,
    );
    const own = process.cpuUsage(this.#ownBefore);
    const benchCpuPercent = percent((own.user + own.system) / 1e6);
    const busy = busySeconds();
    const machineCpuPercent = busy === null || this.#busyBefore === null ? null : percent(busy - this.#busyBefore);
    const known = components.reduce((sum, [, cpuPercent]) => sum + cpuPercent, benchCpuPercent);
    return {
      components: Object.fromEntries(
        components.map(([name, cpuPercent, rssMb]) => [name, { cpuPercent, rssMb: Math.round(rssMb ?? 0) }]),
      ),
      benchCpuPercent,
      machineCpuPercent,
      othersCpuPercent: machineCpuPercent === null ? null : Math.round(10 * (machineCpuPercent - known)) / 10,
      cores: cpus().length,
    };
  }

  #sample(): void {
    for (const [name, use] of componentUse(this.#pids)) {
      this.#newest.set(name, use);
      this.#mostMb.set(name, Math.max(use.rssMb, this.#mostMb.get(name) ?? 0));
    }
  }
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

/** CPU time that all of the machine's processes and the kernel have used; null where the system does not tell. */
function busySeconds(): number | null {
  if (process.platform !== 'linux') return null;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = (
    readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? ''
  )
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softIrq) / TICKS_PER_SECOND;
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
