import { join } from 'node:path';
import { dataBudget } from '@ebap/adapters/data-folder';
import { openEmbeddedEventLog } from '@ebap/adapters/event-log';
import { openEmbeddedHotStore } from '@ebap/adapters/hot-store';
import { openPostgresSchemaRegistry } from '@ebap/adapters/schema-registry';
import type { Settings } from '@ebap/adapters/settings';
import { type Db, openDb } from '@ebap/db';
import { RAW_EVENT_SCHEMA, TOPICS, topicSpecs } from '@ebap/pipeline/contracts';
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

/** Opens the embedded profile's stores. @throws AppError `unavailable`, `configuration`, `unsupported_version`. */
export async function openEmbeddedStores(
  { dataDir, dataLimitBytes }: Pick<Settings, 'dataDir' | 'dataLimitBytes'>,
  databaseUrl: string,
): Promise<Stores> {
  const db = openDb(databaseUrl);
  const log = await openEmbeddedEventLog({ dir: join(dataDir, 'log') });
  const hot = await openEmbeddedHotStore({ dir: join(dataDir, 'hot') });
  const registry = openPostgresSchemaRegistry({ pool: db.pool });
  for (const spec of topicSpecs('embedded', dataBudget(dataLimitBytes).logRetentionBytes)) await log.createTopic(spec);
  const schema = await registry.register(`${TOPICS.eventsRaw}-value`, JSON.stringify(RAW_EVENT_SCHEMA));
  return {
    db,
    log,
    hot,
    schemaId: schema.id,
    close: async () => {
      await hot.close();
      await log.close();
      await db.close();
    },
  };
}
