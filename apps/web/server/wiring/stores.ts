import type { Logger } from '@ebap/adapters/logging';
import { openEngines, patiently } from '@ebap/adapters/profile';
import type { Settings } from '@ebap/adapters/settings';
import { type Db, openDb } from '@ebap/db';
import { TOPICS } from '@ebap/pipeline/contracts';
import { AppError } from '@ebap/pipeline/errors';
import type { EventLog, HotStore } from '@ebap/pipeline/ports';

/** The stores this process works on. */
export interface Stores {
  readonly db: Db;
  readonly log: EventLog;
  readonly hot: HotStore;
  /** Id of the raw event schema. */
  readonly schemaId: number;
  close(): Promise<void>;
}

export interface StoresOptions {
  readonly settings: Pick<Settings, 'profile' | 'cluster' | 'dataDir' | 'dataLimitBytes'>;
  readonly databaseUrl: string;
  /** Tells this process from others on the engines' side. */
  readonly clientId: string;
  readonly logger: Logger;
  readonly signal?: AbortSignal;
}

/**
 * Opens the stores of the settings' profile. Waits for engines that are down.
 * @throws AppError `configuration`, `unsupported_version`, `cancelled`.
 */
export async function openStores(options: StoresOptions): Promise<Stores> {
  const engines = await openEngines(options);
  const db = openDb(options.databaseUrl);
  const close = async (): Promise<void> => {
    await engines.close();
    await db.close();
  };
  try {
    if (options.settings.profile === 'cluster')
      await patiently('the workspaces on the log', options, () => assertReference(engines.log));
    return { db, log: engines.log, hot: engines.hot, schemaId: engines.eventSchema.id, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * The reference tables are on the log: from then on an event of a workspace finds it there. Only before the very first
 * snapshot of change capture, which takes a cluster some seconds, they are not.
 * @throws AppError `unavailable` (retryable) while they are not.
 */
async function assertReference(log: EventLog): Promise<void> {
  const { start, end } = await log.offsets(TOPICS.cdcReference, 0);
  for (let at = start; at < end; ) {
    const batch = await log.fetch(TOPICS.cdcReference, 0, at);
    for (let i = 0; i < batch.count; i++) if ((batch.valueStarts[i] ?? -1) >= 0) return;
    if (batch.count === 0) break;
    at = batch.nextOffset;
  }
  throw new AppError('unavailable', 'Change capture has not delivered the workspaces yet.', { retryable: true });
}
