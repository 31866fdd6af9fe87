import type { Logger } from '@ebap/adapters/logging';
import type { CheckpointStore, Clock, Lease } from '@ebap/pipeline/ports';

export interface Job {
  readonly name: string;
  /** Runs until the signal aborts. A job that returns or throws is started again. */
  run(signal: AbortSignal): Promise<void>;
}

const TTL_MS = 15_000;
const RENEW_EVERY_MS = 4_000;
const RETRY_AFTER_MS = 2_000;

/** Runs a job in exactly one of all workers: whoever holds its lease. Returns when the signal aborts. */
export async function runLeased(
  job: Job,
  parts: { store: CheckpointStore; clock: Clock; owner: string; logger: Logger },
  signal: AbortSignal,
): Promise<void> {
  const { store, clock, owner, logger } = parts;
  while (!signal.aborted) {
    try {
      const lease = await store.acquireLease(`job:${job.name}`, 0, owner, TTL_MS);
      if (lease !== null) await holdAndRun(job, lease, store, clock, signal);
    } catch (error) {
      if (!signal.aborted) logger.log('warn', 'job stopped, will be tried again', { job: job.name, error });
    }
    await clock.sleep(RETRY_AFTER_MS, signal).catch(() => {});
  }
}

async function holdAndRun(
  job: Job,
  lease: Lease,
  store: CheckpointStore,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  signal.addEventListener('abort', abort, { once: true });
  const renewing = renew(lease, store, clock, stop);
  try {
    await job.run(stop.signal);
  } finally {
    stop.abort();
    signal.removeEventListener('abort', abort);
    await renewing;
    await store.releaseLease(lease).catch(() => {}); // else it runs out by itself
  }
}

/** Keeps the lease until the job ends; a lost one ends the job. */
async function renew(lease: Lease, store: CheckpointStore, clock: Clock, stop: AbortController): Promise<void> {
  while (!stop.signal.aborted) {
    try {
      await clock.sleep(RENEW_EVERY_MS, stop.signal);
      if ((await store.renewLeases([lease], TTL_MS)).length > 0) stop.abort();
    } catch {
      // A renewal that failed is tried again; if the lease runs out meanwhile, the next answer says so.
    }
  }
}
