/** What a worker says of itself. */
export interface WorkerMetrics {
  readonly cpuSeconds: number;
  readonly rssMb: number;
  /** Without the mapped pages of the log, which are the system's cache. */
  readonly privateMb: number;
  /** Of the partitions of events that it owns. */
  readonly events: {
    readonly partitions: readonly number[];
    /** Records taken in since the partitions were taken over, ticks included. */
    readonly records: number;
    /** Records on the log that were not taken in yet, as of the newest fetches. */
    readonly lag: number;
  };
  /** Partitions of the second stage that it owns. */
  readonly rollups: number;
}

const ANSWER_WITHIN_MS = 10_000;

/** Reads a worker's `/metrics`. @throws when it does not answer */
export async function readWorkerMetrics(workerUrl: string): Promise<WorkerMetrics> {
  const response = await fetch(`${workerUrl}/metrics`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  const text = await response.text();
  const value = (name: string): number => Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  const records = rows(text, 'ebap_task_records_total', 'event');
  return {
    cpuSeconds: value('ebap_process_cpu_seconds_total'),
    rssMb: value('ebap_process_resident_memory_bytes') / 1e6,
    privateMb: value('ebap_process_private_memory_bytes') / 1e6,
    events: {
      partitions: [...records.keys()],
      records: sum(records),
      lag: sum(rows(text, 'ebap_task_lag_records', 'event')),
    },
    rollups: rows(text, 'ebap_task_records_total', 'rollup').size,
  };
}

/** By partition. */
function rows(text: string, name: string, task: string): ReadonlyMap<number, number> {
  const pattern = new RegExp(`^${name}\\{task="${task}",partition="(\\d+)"\\} (\\d+)$`, 'gm');
  return new Map([...text.matchAll(pattern)].map((m) => [Number(m[1]), Number(m[2])]));
}

const sum = (values: ReadonlyMap<number, number>): number => [...values.values()].reduce((a, b) => a + b, 0);
