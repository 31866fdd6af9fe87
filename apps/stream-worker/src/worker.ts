import { join } from 'node:path';
import { openPostgresChangeStream } from '@ebap/adapters/change-stream';
import { openPostgresCheckpointStore } from '@ebap/adapters/checkpoint-store';
import { systemClock } from '@ebap/adapters/clock';
import { dataBudget } from '@ebap/adapters/data-folder';
import { openDeadLetterCipher } from '@ebap/adapters/dead-letters';
import { openEmbeddedEventLog } from '@ebap/adapters/event-log';
import { openLocalFileIO } from '@ebap/adapters/file-io';
import { openEmbeddedHotStore } from '@ebap/adapters/hot-store';
import type { Logger } from '@ebap/adapters/logging';
import { openPostgresSchemaRegistry, openSchemaVersions } from '@ebap/adapters/schema-registry';
import { PARTITIONS, RAW_EVENT_SCHEMA, TOPICS, topicSpecs } from '@ebap/pipeline/contracts';
import { AppError } from '@ebap/pipeline/errors';
import type { ChangeStream, ChangeStreamStatus } from '@ebap/pipeline/ports';
import {
  eventTaskKind,
  type GroupSettings,
  type OwnedPartition,
  rollupTaskKind,
  WorkerGroup,
} from '@ebap/pipeline/runtime';
import { changeStreamJob } from './jobs/changeStreamJob.ts';
import { type Job, runLeased } from './jobs/leasedJob.ts';
import { upkeepJob } from './jobs/upkeep.ts';
import { LatencyWindow } from './status/latency.ts';
import { reportStatus } from './status/statusReporter.ts';

export interface WorkerOptions {
  /** Unique among all workers, also over restarts. */
  readonly owner: string;
  readonly dataDir: string;
  /** Most the data folder may hold, the embedded database included. */
  readonly dataLimitBytes: number;
  readonly databaseUrl: string;
  /** 32 bytes. */
  readonly keyEncryptionKey: Uint8Array;
  readonly logger: Logger;
}

/** Embedded defaults: DESIGN's 15 s checkpoints, ticks after 1 s of silence. */
const GROUP: GroupSettings = {
  checkpointEveryMs: 15_000,
  tickAfterMs: 1_000,
  fetchMaxBytes: 4 << 20,
  leaseTtlMs: 5_000,
  balanceEveryMs: 1_000,
};
const FEED_PER_CUT = 8;
export const EVENTS_SUBJECT = `${TOPICS.eventsRaw}-value`;

export interface Worker {
  readonly owned: () => readonly OwnedPartition[];
  readonly changeStreams: () => ReadonlyMap<string, ChangeStreamStatus>;
  readonly latency: LatencyWindow;
  /** Runs until the signal aborts; everything is given back and closed when it resolves. */
  run(signal: AbortSignal): Promise<void>;
}

/** The embedded profile's worker: which tasks and jobs run here, on which adapters. @throws AppError `unavailable`, `configuration`. */
export async function openWorker(options: WorkerOptions): Promise<Worker> {
  const { owner, dataDir, databaseUrl, logger } = options;
  const clock = systemClock;
  const log = await openEmbeddedEventLog({ dir: join(dataDir, 'log') });
  const hot = await openEmbeddedHotStore({ dir: join(dataDir, 'hot') });
  const files = await openLocalFileIO({ dir: join(dataDir, 'files') });
  const store = openPostgresCheckpointStore({ url: databaseUrl });
  const registry = openPostgresSchemaRegistry({ url: databaseUrl });
  const { logRetentionBytes } = dataBudget(options.dataLimitBytes);
  for (const spec of topicSpecs('embedded', logRetentionBytes)) await log.createTopic(spec);
  const schema = await registry.register(EVENTS_SUBJECT, JSON.stringify(RAW_EVENT_SCHEMA));
  const schemas = openSchemaVersions({ registry, own: schema, nowMs: () => clock.nowMs() });
  const { keyed, partial } = PARTITIONS.embedded;
  const latency = new LatencyWindow();
  const cipher = openDeadLetterCipher(options.keyEncryptionKey, () => clock.nowMs());
  const event = eventTaskKind(
    { partitions: keyed, partialPartitions: partial, schemas, feedPerCut: FEED_PER_CUT },
    { log, hot, clock, seal: (payload) => cipher.seal(payload) },
  );
  const rollup = rollupTaskKind(keyed, { hot, clock, flushed: (asOfMs, nowMs) => latency.add(nowMs, nowMs - asOfMs) });
  const group = new WorkerGroup(
    [
      { kind: event, partitions: keyed },
      { kind: rollup, partitions: partial },
    ],
    { log, store, files, clock },
    GROUP,
    owner,
    (lease, error) =>
      logger.log(faultLevel(error), 'partition stopped', {
        task: lease.task,
        partition: lease.partition,
        epoch: lease.epoch,
        error,
      }),
  );
  const streams = new Map<string, ChangeStream>();
  const stream = (name: string, open: () => ChangeStream): Job => changeStreamJob(name, open, streams);
  const jobs: readonly Job[] = [
    stream('users', () => openPostgresChangeStream({ url: databaseUrl, log, ...USERS, partitions: keyed })),
    stream('reference', () => openPostgresChangeStream({ url: databaseUrl, log, ...REFERENCE, partitions: 1 })),
    upkeepJob({ log, hot, files, store, clock, logger, dataDir, dataLimitBytes: options.dataLimitBytes }),
  ];
  const changeStreams = (): ReadonlyMap<string, ChangeStreamStatus> =>
    new Map([...streams].map(([name, s]) => [name, s.status()]));
  return {
    owned: () => group.owned,
    changeStreams,
    latency,
    run: async (signal) => {
      await Promise.all([
        group.run(signal),
        ...jobs.map((job) => runLeased(job, { store, clock, owner, logger }, signal)),
        reportStatus(hot, clock, { owner, owned: () => group.owned, changeStreams, latency }, signal),
      ]);
      await Promise.all([hot.close(), log.close(), store.close(), registry.close()]);
    },
  };
}

const USERS = {
  topic: TOPICS.cdcUsers,
  slot: 'ebap_cdc_users',
  publication: 'ebap_cdc_users',
  tables: ['users'],
} as const;
const REFERENCE = {
  topic: TOPICS.cdcReference,
  slot: 'ebap_cdc_reference',
  publication: 'ebap_cdc_reference',
  tables: ['regions', 'rates', 'rules', 'action_mappings', 'workspaces'],
} as const;

/** Losing a lease is everyday business; anything else wants a person. */
function faultLevel(error: unknown): 'warn' | 'error' {
  return error instanceof AppError && (error.code === 'lease_lost' || error.code === 'intent_expired')
    ? 'warn'
    : 'error';
}
