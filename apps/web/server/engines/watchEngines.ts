import type { Logger } from '@ebap/adapters/logging';
import { openPostgresProbe } from '@ebap/adapters/postgres';
import type { Settings } from '@ebap/adapters/settings';
import { TOPICS } from '@ebap/pipeline/contracts';
import type { EventLog, HotStore } from '@ebap/pipeline/ports';
import type { EngineState, EngineStatus } from '../../src/server/engineStatus.ts';
import type { Observation } from './engineState.ts';
import { EngineWatch, type WatchedEngine } from './engineWatch.ts';
import { connectorsSeen, getJson } from './httpLook.ts';
import { WorkerFreshness } from './workerFreshness.ts';

export interface WatchEnginesOptions {
  readonly settings: Pick<Settings, 'profile' | 'cluster'>;
  readonly databaseUrl: string;
  /** As they are: a breaker would answer for them. */
  readonly log: EventLog;
  readonly hot: HotStore;
  /** Whether the log refuses appends while it answers. */
  readonly isLogRefusing: () => boolean;
  /** Time since it last took records of this process, ms. */
  readonly sinceAppendMs: () => number;
  readonly logger: Logger;
}

export interface OpenedWatch {
  readonly watch: EngineWatch;
  close(): Promise<void>;
}

/** Of connecting and of the answer; within the bound of a look. */
const DATABASE_BOUND_MS = 1_800;
const CONNECTORS = ['ebap-users', 'ebap-reference'];
const UP: Observation = { kind: 'up' };

/** Watches every engine of the settings' profile. */
export function watchEngines(options: WatchEnginesOptions): OpenedWatch {
  const { settings, databaseUrl, hot, logger } = options;
  const isCluster = settings.profile === 'cluster';
  const probes = [openPostgresProbe(databaseUrl, DATABASE_BOUND_MS)];
  const source = settings.cluster?.capture.sourceDatabaseUrl;
  const engines: WatchedEngine[] = [
    { engine: 'database', label: 'PostgreSQL', look: () => answers(probes[0]?.probe()) },
    { engine: 'event_log', label: isCluster ? 'Kafka' : 'The event log', look: logLook(options) },
    { engine: 'hot_store', label: isCluster ? 'Redis' : 'The hot store', look: () => answers(hot.sequence('system')) },
    ...clusterServices(settings.cluster),
  ];
  if (source !== undefined) {
    const probe = openPostgresProbe(source, DATABASE_BOUND_MS);
    probes.push(probe);
    engines.push({ engine: 'source_database', label: 'The customer database', look: () => answers(probe.probe()) });
  }
  const workers = new WorkerFreshness(hot, () => performance.now());
  const needs = ['database', 'event_log', 'hot_store'] as const;
  const watch: EngineWatch = new EngineWatch({
    engines: [
      ...engines,
      {
        engine: 'workers',
        label: 'Stream workers',
        // Their silence is an outage by its length already.
        looksToBelieve: 1,
        look: async () => (needs.some((engine) => watch.isTroubled(engine)) ? workers.excuse() : workers.look()),
      },
    ],
    nowMs: Date.now,
    onChange: (status, before) => tell(logger, status, before),
  });
  watch.start();
  return {
    watch,
    close: async () => {
      watch.stop();
      await Promise.all(probes.map((probe) => probe.close()));
    },
  };
}

function clusterServices(cluster: Settings['cluster']): readonly WatchedEngine[] {
  if (cluster === null) return [];
  const { registry, capture } = cluster;
  return [
    {
      engine: 'schema_registry',
      label: 'Schema Registry',
      look: (signal) => answers(getJson(registry, '/subjects', signal)),
    },
    {
      engine: 'change_capture',
      label: 'Kafka Connect',
      look: async (signal) =>
        connectorsSeen(await getJson(capture.connect, '/connectors?expand=status', signal), CONNECTORS),
    },
  ];
}

async function answers(call: Promise<unknown> | undefined): Promise<Observation> {
  await call;
  return UP;
}

/** Partitions asked per look: few, so that a log with a lot to do is not taken for one that is away. */
const ASKED_PARTITIONS = 3;
const FRESH_APPEND_MS = 1_000;

/** A look at the log: each asks the next few partitions of the raw events, so that all have their turn. */
function logLook({ log, isLogRefusing, sinceAppendMs }: WatchEnginesOptions): () => Promise<Observation> {
  let next = 0;
  return async () => {
    // What takes records is there, however long other requests have to wait.
    if (sinceAppendMs() < FRESH_APPEND_MS) return UP;
    const partitions = await log.partitionCount(TOPICS.eventsRaw);
    const asked = Array.from({ length: Math.min(ASKED_PARTITIONS, partitions) }, () => next++ % partitions);
    const all = await Promise.allSettled(asked.map((partition) => log.offsets(TOPICS.eventsRaw, partition)));
    const faults = all.filter((one) => one.status === 'rejected');
    const [first] = faults;
    if (first !== undefined && faults.length === asked.length) throw first.reason;
    if (first !== undefined) return { kind: 'degraded', message: 'Some partitions do not answer.' };
    return isLogRefusing() ? { kind: 'degraded', message: 'It answers, and takes no records.' } : UP;
  };
}

function tell(logger: Logger, { engine, state, message }: EngineStatus, before: EngineState): void {
  logger.log(state === 'up' ? 'info' : 'warn', `engine ${state}`, {
    engine,
    before,
    // Not `message`: that is the line's own.
    ...(message !== null && { reason: message }),
  });
}
