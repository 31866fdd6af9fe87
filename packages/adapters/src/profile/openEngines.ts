import { join } from 'node:path';
import { PARTITIONS, RAW_EVENT_SCHEMA, TOPICS, topicSpecs } from '@ebap/pipeline/contracts';
import { isAppError } from '@ebap/pipeline/errors';
import type {
  ChangeStream,
  EventLog,
  HotStore,
  RegisteredSchema,
  SchemaRegistry,
  TopicSpec,
} from '@ebap/pipeline/ports';
import { openPostgresChangeStream } from '../change-stream/index.ts';
import { systemClock } from '../clock/index.ts';
import { dataBudget } from '../data-folder/index.ts';
import { openEmbeddedEventLog } from '../event-log/index.ts';
import { openEmbeddedHotStore } from '../hot-store/index.ts';
import type { Logger } from '../logging/index.ts';
import { openPostgresSchemaRegistry } from '../schema-registry/index.ts';
import type { Settings } from '../settings/index.ts';
import { openClusterHotStore, openClusterLog, openClusterRegistry, openClusterStream } from './clusterEngines.ts';
import { streamSpecs } from './streams.ts';

/** What the platform runs on, whichever profile it is. */
export interface Engines {
  readonly log: EventLog;
  readonly hot: HotStore;
  readonly registry: SchemaRegistry;
  /** The version of the event schema that this build writes, and reads as it is. */
  readonly eventSchema: RegisteredSchema;
  readonly partitions: { readonly keyed: number; readonly partial: number };
  /** By name; each call of `open` makes the stream anew. */
  readonly changeStreams: readonly { readonly name: string; open(): ChangeStream }[];
  close(): Promise<void>;
}

export interface EnginesOptions {
  readonly settings: Pick<Settings, 'profile' | 'cluster' | 'dataDir' | 'dataLimitBytes'>;
  /** The product's own database. */
  readonly databaseUrl: string;
  /** Tells this process from others on the engines' side. */
  readonly clientId: string;
  readonly logger: Logger;
  readonly signal?: AbortSignal;
}

const RETRY_AFTER_MS = 2_000;
const EVENTS_SUBJECT = `${TOPICS.eventsRaw}-value`;

/**
 * Opens the engines of the settings' profile, makes the topics that are missing and registers the event schema. Waits for
 * an engine that is down, and says so in the log.
 * @throws AppError `configuration`, `topic_mismatch`, `incompatible_schema`, `unsupported_version`; `cancelled` when the
 * signal aborts.
 */
export async function openEngines(options: EnginesOptions): Promise<Engines> {
  const { settings } = options;
  const opened: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> }>(engine: T): T => {
    opened.push(engine);
    return engine;
  };
  const close = async (): Promise<void> => {
    for (const engine of opened.reverse()) await engine.close();
  };
  try {
    const engines =
      settings.cluster === null
        ? await openEmbedded(options, keep)
        : await openCluster({ ...options, cluster: settings.cluster }, keep);
    for (const spec of specs(settings))
      await patiently('making the topics', options, () => engines.log.createTopic(spec));
    const eventSchema = await patiently('the schema registry', options, () =>
      engines.registry.register(EVENTS_SUBJECT, JSON.stringify(RAW_EVENT_SCHEMA)),
    );
    return { ...engines, eventSchema, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Opened = Omit<Engines, 'eventSchema' | 'close'>;
type Keep = <T extends { close(): Promise<void> }>(engine: T) => T;

async function openEmbedded({ settings, databaseUrl: url }: EnginesOptions, keep: Keep): Promise<Opened> {
  const registry = keep(openPostgresSchemaRegistry({ url }));
  const log = keep(await openEmbeddedEventLog({ dir: join(settings.dataDir, 'log') }));
  const hot = keep(await openEmbeddedHotStore({ dir: join(settings.dataDir, 'hot') }));
  const partitions = PARTITIONS.embedded;
  const changeStreams = streamSpecs(partitions.keyed).map(({ name, ...spec }) => ({
    name,
    open: () => openPostgresChangeStream({ url, log, ...spec, publication: spec.slot }),
  }));
  return { log, hot, registry, partitions, changeStreams };
}

async function openCluster(
  options: EnginesOptions & { readonly cluster: NonNullable<Settings['cluster']> },
  keep: Keep,
): Promise<Opened> {
  const { cluster, databaseUrl, clientId, logger } = options;
  const log = keep(await patiently('Kafka', options, () => openClusterLog(cluster, clientId)));
  const hot = keep(await patiently('Redis', options, () => openClusterHotStore(cluster, logger)));
  const partitions = PARTITIONS.cluster;
  const changeStreams = streamSpecs(partitions.keyed).map((stream) => ({
    name: stream.name,
    open: () => openClusterStream(cluster, log, stream, databaseUrl),
  }));
  return { log, hot, registry: openClusterRegistry(cluster), partitions, changeStreams };
}

function specs({ profile, dataLimitBytes }: EnginesOptions['settings']): readonly TopicSpec[] {
  return profile === 'cluster'
    ? topicSpecs('cluster')
    : topicSpecs('embedded', dataBudget(dataLimitBytes).logRetentionBytes);
}

/** Tries again as long as what is needed is not there. */
export async function patiently<T>(
  what: string,
  { logger, signal }: Pick<EnginesOptions, 'logger' | 'signal'>,
  open: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!isAppError(error) || !error.retryable) throw error;
      logger.log('warn', 'waiting for what this process needs', { what, error });
    }
    await systemClock.sleep(RETRY_AFTER_MS, signal);
  }
}
