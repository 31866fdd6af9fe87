import { UseMeter, type UseReport } from '../../componentUse.ts';
import { type IntakeLook, isBalanced, lookAtIntake } from '../intake.ts';
import { pause, tenths } from '../stage.ts';

export interface CatchUp {
  /** From when the partitions could be had until all of them had been restored and ran. */
  readonly restoreMs: number;
  /** From the first record taken in until nothing was left, everything included. */
  readonly drainSeconds: number;
  readonly eventsPerSecond: number;
  /** The same without the first tenth of the events: code is still compiled then. */
  readonly warm: { readonly events: number; readonly seconds: number; readonly eventsPerSecond: number };
  /** Warm events per second of CPU of all workers. */
  readonly eventsPerWorkerCpuSecond: number | null;
  /** While the warm events were taken in. */
  readonly use: UseReport;
}

const LOOK_EVERY_MS = 100;
const WARM_UP_SHARE = 0.1;
const RUNS_WITHIN_MS = 120_000;
/** A worker that takes in less is broken. */
const LEAST_EVENTS_PER_SECOND = 5_000;
const LEAST_PATIENCE_MS = 60_000;

interface CatchUpParts {
  readonly workerUrls: readonly string[];
  readonly pids: ReadonlyMap<string, number>;
  /** That lie on the log. */
  readonly events: number;
  readonly letGo: () => Promise<void>;
  /** Whether all that the workers own runs. */
  readonly isRunning: () => Promise<boolean>;
}

/** Lets the workers go at the events that wait for them, and measures until nothing is left. */
export async function measureCatchUp(parts: CatchUpParts): Promise<CatchUp> {
  const { workerUrls, pids, events } = parts;
  const goMs = performance.now();
  await parts.letGo();
  const look = async (): Promise<IntakeLook> => {
    await pause(LOOK_EVERY_MS);
    return lookAtIntake(workerUrls);
  };
  let before = await lookAtIntake(workerUrls);
  let now = before;
  while (now.records === 0 || !isBalanced(now) || !(await parts.isRunning())) {
    if (now.atMs - goMs > RUNS_WITHIN_MS) throw new Error(`the workers own ${now.owned.join(' and ')} partitions`);
    if (now.records === 0) before = now;
    now = await look();
  }
  const restoreMs = Math.round(now.atMs - goMs);
  // The last look that saw nothing: the first record came after it.
  const firstMs = before.atMs;
  while (now.records < events * WARM_UP_SHARE) now = await next(now, look);
  const warmFrom = now;
  const meter = new UseMeter(pids);
  const lastMs = now.atMs + Math.max(LEAST_PATIENCE_MS, (events / LEAST_EVENTS_PER_SECOND) * 1_000);
  while (now.records < events || now.lag > 0) {
    if (now.atMs > lastMs) throw new Error(`after ${tenths((now.atMs - firstMs) / 1_000)} s ${now.lag} are left`);
    now = await next(now, look);
  }
  const use = meter.stop();
  const warmEvents = events - warmFrom.records;
  const warmSeconds = (now.atMs - warmFrom.atMs) / 1_000;
  const workerCpuSeconds = (workerCpuPercent(use) / 100) * warmSeconds;
  return {
    restoreMs,
    drainSeconds: tenths((now.atMs - firstMs) / 1_000),
    eventsPerSecond: Math.round((events * 1_000) / (now.atMs - firstMs)),
    warm: { events: warmEvents, seconds: tenths(warmSeconds), eventsPerSecond: Math.round(warmEvents / warmSeconds) },
    eventsPerWorkerCpuSecond: workerCpuSeconds === 0 ? null : Math.round(warmEvents / workerCpuSeconds),
    use,
  };
}

/** @throws when partitions moved: what was taken in would no longer be known */
async function next(before: IntakeLook, look: () => Promise<IntakeLook>): Promise<IntakeLook> {
  const now = await look();
  if (!isBalanced(now) || now.records < before.records) throw new Error('partitions moved while it was measured');
  return now;
}

function workerCpuPercent({ components }: UseReport): number {
  return Object.entries(components)
    .filter(([name]) => name.startsWith('worker-'))
    .reduce((sum, [, { cpuPercent }]) => sum + cpuPercent, 0);
}
