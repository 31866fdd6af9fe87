import type { Logger } from '@ebap/adapters/logging';
import type { CheckpointStore, Clock, EventLog, FileIO, HotStore } from '@ebap/pipeline/ports';
import type { Job } from './leasedJob.ts';

const EVERY_MS = 60_000;

/** Drops what nobody needs: log retention and compaction, expired hot values, state files without a reference. */
export function upkeepJob(parts: {
  log: EventLog;
  hot: HotStore;
  files: FileIO;
  store: CheckpointStore;
  clock: Clock;
  logger: Logger;
}): Job {
  const { log, hot, files, store, clock, logger } = parts;
  return {
    name: 'upkeep',
    run: async (signal) => {
      while (!signal.aborted) {
        const retention = await log.applyRetention();
        await hot.sweep();
        const names = await store.sweepable();
        for (const name of names) await files.remove(name);
        await store.swept(names);
        logger.log('debug', 'upkeep done', { ...retention, filesRemoved: names.length });
        await clock.sleep(EVERY_MS, signal);
      }
    },
  };
}
