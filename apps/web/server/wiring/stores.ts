import type { Logger } from '@ebap/adapters/logging';
import { openEngines, patiently } from '@ebap/adapters/profile';
import type { Settings } from '@ebap/adapters/settings';
import { type Db, openDb } from '@ebap/db';
import { RAW_EVENT_SCHEMA, TOPICS } from '@ebap/pipeline/contracts';
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
    const { id: schemaId } = await patiently('the schema registry', options, () =>
      engines.registry.register(`${TOPICS.eventsRaw}-value`, JSON.stringify(RAW_EVENT_SCHEMA)),
    );
    return { db, log: engines.log, hot: engines.hot, schemaId, close };
  } catch (error) {
    await close();
    throw error;
  }
}
