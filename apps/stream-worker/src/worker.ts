import { join } from 'node:path';
import { openPostgresCheckpointStore } from '@ebap/adapters/checkpoint-store';
import { systemClock } from '@ebap/adapters/clock';
import { openDeadLetterCipher } from '@ebap/adapters/dead-letters';
import { openLocalFileIO } from '@ebap/adapters/file-io';
import type { Logger } from '@ebap/adapters/logging';
import { type Engines, openEngines } from '@ebap/adapters/profile';
import { openSchemaVersions } from '@ebap/adapters/schema-registry';
import type { Settings } from '@ebap/adapters/settings';
import { AppError } from '@ebap/pipeline/errors';
import type { ChangeStream, ChangeStreamStatus } from '@ebap/pipeline/ports';
import {
  eventTaskKind,
  type GroupSettings,
  type GroupTask,
  type OwnedPartition,
  rollupTaskKind,
  WorkerGroup,
} from '@ebap/pipeline/runtime';
import { CUT_MS } from '@ebap/pipeline/time';
import { changeStreamJob } from './jobs/changeStreamJob.ts';
import { type Job, runLeased } from './jobs/leasedJob.ts';
import { StorageLimit } from './jobs/storageLimit.ts';
import { upkeepJob } from './jobs/upkeep.ts';
import { LatencyWindow } from './status/latency.ts';
import { reportStatus } from './status/statusReporter.ts';

export interface WorkerOptions {
  /** Unique among all workers, also over restarts. */
  readonly owner: string;
  readonly settings: Settings;
  readonly databaseUrl: string;
  /** 32 bytes. */
  readonly keyEncryptionKey: Uint8Array;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Checkpoints are dearer where files and database are remote. */
const GROUP: Readonly<Record<Settings['profile'], GroupSettings>> = {
  embedded: groupSettings(15_000),
  cluster: groupSettings(30_000),
};
/** Events shown of a partition's cut: some hundred of all partitions, more than anybody reads in a quarter of a second. */
const FEED_PER_CUT: Readonly<Record<Settings['profile'], number>> = { embedded: 32, cluster: 8 };

export interface Worker {
  readonly owned: () => readonly OwnedPartition[];
  readonly changeStreams: () => ReadonlyMap<string, ChangeStreamStatus>;
  readonly latency: LatencyWindow;
  /** Runs until the signal aborts; everything is given back and closed when it resolves. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Which tasks and jobs run here, on the engines of the settings' profile. Waits for engines that are down.
 * @throws AppError `configuration`, `cancelled`.
 */
export async function openWorker(options: WorkerOptions): Promise<Worker> {
  const { owner, settings, databaseUrl, logger } = options;
  const clock = systemClock;
  const engines = await openEngines({ ...options, clientId: `ebap-worker-${owner}` });
  const { log, hot } = engines;
  const files = await openLocalFileIO({ dir: join(settings.dataDir, 'files') });
  const store = openPostgresCheckpointStore({ url: databaseUrl });
  const latency = new LatencyWindow();
  const group = new WorkerGroup(
    tasks({ ...options, engines, latency }),
    { log, store, files, clock },
    GROUP[settings.profile],
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
  const storage =
    settings.profile === 'embedded' ? new StorageLimit({ log, hot, clock, ...storageOf(settings) }) : null;
  const jobs: readonly Job[] = [
    ...engines.changeStreams.map(({ name, open }) => changeStreamJob(name, open, streams)),
    upkeepJob({ log, hot, files, store, clock, logger, storage }),
  ];
  const onTrouble = (error: unknown): void => logger.log('warn', 'the status can not be told', { error });
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
        reportStatus(hot, clock, { owner, owned: () => group.owned, changeStreams, latency, onTrouble }, signal),
      ]);
      await Promise.all([engines.close(), store.close()]);
    },
  };
}

interface TaskParts extends Pick<WorkerOptions, 'keyEncryptionKey' | 'settings'> {
  readonly engines: Engines;
  readonly latency: LatencyWindow;
}

function tasks({ engines, latency, keyEncryptionKey, settings }: TaskParts): readonly GroupTask[] {
  const { log, hot, registry, eventSchema: own, partitions } = engines;
  const { keyed, partial } = partitions;
  const clock = systemClock;
  const nowMs = (): number => clock.nowMs();
  const cipher = openDeadLetterCipher(keyEncryptionKey, nowMs);
  const schemas = openSchemaVersions({ registry, own, nowMs });
  const event = eventTaskKind(
    { partitions: keyed, partialPartitions: partial, schemas, feedPerCut: FEED_PER_CUT[settings.profile] },
    { log, hot, clock, seal: (payload) => cipher.seal(payload) },
  );
  const rollup = rollupTaskKind(keyed, { hot, clock, flushed: (asOfMs, atMs) => latency.add(atMs, atMs - asOfMs) });
  return [
    { kind: event, partitions: keyed },
    { kind: rollup, partitions: partial },
  ];
}

function groupSettings(checkpointEveryMs: number): GroupSettings {
  return {
    checkpointEveryMs,
    tickEveryMs: CUT_MS,
    idleTickEveryMs: 1_000,
    fetchMaxBytes: 4 << 20,
    leaseTtlMs: 5_000,
    balanceEveryMs: 1_000,
  };
}

function storageOf({ dataDir, dataLimitBytes }: Settings): { readonly dataDir: string; readonly limitBytes: number } {
  return { dataDir, limitBytes: dataLimitBytes };
}

/** Losing a lease is everyday business; anything else wants a person. */
function faultLevel(error: unknown): 'warn' | 'error' {
  return error instanceof AppError && (error.code === 'lease_lost' || error.code === 'intent_expired')
    ? 'warn'
    : 'error';
}
