import type { Logger } from '@ebap/adapters/logging';
import type { CheckpointStore, Clock, EventLog, FileIO, HotStore } from '@ebap/pipeline/ports';
import type { Job } from './leasedJob.ts';
import type { StorageLimit } from './storageLimit.ts';

const EVERY_MS = 60_000;
/** Between two passes a busy log may grow by little more than its headroom below the limit. */
const RETENTION_EVERY_MS = 10_000;

const OVER_LIMIT = 'data folder is over its limit: raise EBAP_DATA_LIMIT_GB, or start with an empty data folder';

/**
 * Drops what nobody needs: log retention and compaction, expired hot values, state files without a reference; and what
 * does not fit the data folder's limit.
 */
export function upkeepJob(parts: {
  log: EventLog;
  hot: HotStore;
  files: FileIO;
  store: CheckpointStore;
  clock: Clock;
  logger: Logger;
  /** Of an installation that must stay below a limit. */
  storage: StorageLimit | null;
}): Job {
  const { log, hot, files, store, clock, logger, storage } = parts;
  return {
    name: 'upkeep',
    run: async (signal) => {
      let isOver = false;
      for (let sweptAtMs = 0; !signal.aborted; await clock.sleep(RETENTION_EVERY_MS, signal)) {
        const use = (await storage?.apply(signal)) ?? null;
        if (use !== null && use.usedBytes > use.limitBytes !== isOver) {
          isOver = !isOver;
          logger.log(isOver ? 'warn' : 'info', isOver ? OVER_LIMIT : 'data folder is below its limit again', {
            usedBytes: use.usedBytes,
            limitBytes: use.limitBytes,
          });
        }
        const retention = await log.applyRetention();
        if (clock.nowMs() - sweptAtMs < EVERY_MS) continue;
        sweptAtMs = clock.nowMs();
        await hot.sweep();
        const names = await store.sweepable();
        for (const name of names) await files.remove(name);
        await store.swept(names);
        logger.log('debug', 'upkeep done', { ...retention, usedBytes: use?.usedBytes, filesRemoved: names.length });
      }
    },
  };
}
