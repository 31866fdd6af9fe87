import type { PartitionStatus } from '@ebap/pipeline/contracts';
import { hotKeys, hotTopics } from '@ebap/pipeline/hot';
import type { ChangeStreamStatus, Clock, HotStore, HotWrite } from '@ebap/pipeline/ports';
import { HotWriter, type OwnedPartition } from '@ebap/pipeline/runtime';
import type { LatencyWindow } from './latency.ts';
import { PartitionTeller, type PartitionWrite } from './partitionTeller.ts';

export interface StatusSources {
  readonly owner: string;
  readonly owned: () => readonly OwnedPartition[];
  /** Change streams that run in this worker, by name. */
  readonly changeStreams: () => ReadonlyMap<string, ChangeStreamStatus>;
  readonly latency: LatencyWindow;
  /** Called once per run of failures. */
  readonly onTrouble: (error: unknown) => void;
}

const EVERY_MS = 1_000;
const TTL_MS = 15_000;

/** Tells every second, through the hot store, what this worker does: for the Pipeline page. Ends with the signal. */
export async function reportStatus(
  hot: HotStore,
  clock: Clock,
  sources: StatusSources,
  signal: AbortSignal,
): Promise<void> {
  const writer = new HotWriter(hot, clock, `status/${sources.owner}`, clock.nowMs());
  const partitions = new PartitionTeller(hot, clock);
  const rates = new Map<string, Rate>();
  for (let isTroubled = false; !signal.aborted; await clock.sleep(EVERY_MS, signal).catch(() => {})) {
    try {
      const nowMs = clock.nowMs();
      await partitions.tell(partitionWrites(sources, rates, nowMs), signal);
      const writes = [...workerWrites(sources, nowMs), ...(await goneWorkers(hot, nowMs))];
      await writer.write(writes, hotTopics.system(), signal);
      isTroubled = false;
    } catch (error) {
      // What the worker does matters more than that it is told.
      if (!isTroubled && !signal.aborted) sources.onTrouble(error);
      isTroubled = true;
    }
  }
}

interface Rate {
  readonly atMs: number;
  readonly records: number;
}

function partitionWrites(sources: StatusSources, rates: Map<string, Rate>, nowMs: number): readonly PartitionWrite[] {
  return sources.owned().map((owned) => {
    const field = `${owned.lease.task}/${owned.lease.partition}`;
    const status = partitionStatus(owned, rateOf(rates, field, owned.status.records, nowMs), sources.owner);
    return { lease: owned.lease, write: writeOf(hotKeys.tasks(), field, { ...status, atMs: nowMs }, nowMs) };
  });
}

function workerWrites(sources: StatusSources, nowMs: number): readonly HotWrite[] {
  return [
    ...[...sources.changeStreams()].map(([name, status]) =>
      writeOf(hotKeys.changeStreams(), name, { ...status, name, atMs: nowMs }, nowMs),
    ),
    writeOf(hotKeys.latency(), sources.owner, { ...sources.latency.summary(nowMs), atMs: nowMs }, nowMs),
  ];
}

/** Fields live as long as their key: those of workers that have gone are taken away by those that are there. */
async function goneWorkers(hot: HotStore, nowMs: number): Promise<readonly HotWrite[]> {
  const key = hotKeys.latency();
  const gone = [...(await hot.readHash(key))].filter(([, told]) => !(toldAtMs(told) > nowMs - TTL_MS));
  return gone.map(([owner]) => ({ key, field: owner, value: null, expiresAtMs: nowMs + TTL_MS }));
}

/** `NaN` where the value can't be read. */
function toldAtMs(text: string): number {
  try {
    return Number((JSON.parse(text) as { readonly atMs?: unknown }).atMs);
  } catch {
    return Number.NaN;
  }
}

function writeOf(key: string, field: string, value: unknown, nowMs: number): HotWrite {
  return { key, field, value: JSON.stringify(value), expiresAtMs: nowMs + TTL_MS };
}

function rateOf(rates: Map<string, Rate>, field: string, records: number, nowMs: number): number {
  const before = rates.get(field);
  rates.set(field, { atMs: nowMs, records });
  if (before === undefined || records < before.records || nowMs <= before.atMs) return 0;
  return ((records - before.records) * 1_000) / (nowMs - before.atMs);
}

function partitionStatus({ lease, status }: OwnedPartition, recordsPerSecond: number, owner: string): PartitionStatus {
  return {
    task: lease.task,
    partition: lease.partition,
    owner,
    epoch: lease.epoch,
    nextOffset: status.nextOffset,
    endOffset: status.endOffset,
    watermarkMs: status.watermarkMs,
    appendMs: status.appendMs,
    cut: status.appendMs === null ? null : Math.floor(status.appendMs / 250),
    recordsPerSecond,
    lastCheckpointMs: status.lastCheckpoint?.atMs ?? null,
    checkpointBytes: status.lastCheckpoint?.bytes ?? 0,
    checkpointDurationMs: status.lastCheckpoint?.durationMs ?? 0,
    state: status.state,
    message: status.message,
  };
}
