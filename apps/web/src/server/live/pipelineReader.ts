import type { Permission } from '@ebap/pipeline/access';
import { type PartitionStatus, type PipelinePayload, type StorageStatus, TOPICS } from '@ebap/pipeline/contracts';
import { isAppError } from '@ebap/pipeline/errors';
import { hotKeys, SYSTEM_WORKSPACE } from '@ebap/pipeline/hot';
import type { EventLog, HotStore } from '@ebap/pipeline/ports';
import type { DeadLetterIndex } from './deadLetterIndex.ts';
import { deadLetterSummaries, readLedger } from './ledgerReader.ts';

export interface PipelineReaderPorts {
  readonly hot: HotStore;
  readonly log: Pick<EventLog, 'partitionCount' | 'offsets'>;
  readonly deadLetters: DeadLetterIndex;
  readonly nowMs: () => number;
  /** What all web processes took in lately. */
  readonly ingestRates: () => Promise<PipelinePayload['ingest']>;
}

const SHORTEST_RATE_MS = 900;
/** The rest of the page waits so long for the topics: all their partitions are asked for, of a log that may be away. */
const TOPICS_WITHIN_MS = 1_000;

interface Observed {
  readonly atMs: number;
  readonly value: number;
}

/** Rates from totals that only grow, between two looks at least a second apart. */
class RateMeter {
  readonly #seen = new Map<string, { last: Observed; rate: number }>();

  perSecond(name: string, value: number, atMs: number): number {
    const known = this.#seen.get(name);
    if (known === undefined) {
      this.#seen.set(name, { last: { atMs, value }, rate: 0 });
      return 0;
    }
    const elapsedMs = atMs - known.last.atMs;
    if (elapsedMs < SHORTEST_RATE_MS) return known.rate;
    known.rate = Math.max(0, ((value - known.last.value) * 1_000) / elapsedMs);
    known.last = { atMs, value };
    return known.rate;
  }
}

/** Reads the state of the whole pipeline; the ledger and the dead letters are the workspace's. */
export class PipelineReader {
  readonly #ports: PipelineReaderPorts;
  readonly #meter = new RateMeter();
  /** Shown while the log is slow or away: the rest of the page is needed most then. */
  #lastTopics: PipelinePayload['topics'] = [];
  #readingTopics: Promise<void> | null = null;

  constructor(ports: PipelineReaderPorts) {
    this.#ports = ports;
  }

  /**
   * The state as somebody with these permissions in the workspace may see it.
   * @throws AppError `unavailable`.
   */
  async read(workspaceId: string, permissions: readonly Permission[]): Promise<PipelinePayload> {
    const { hot, nowMs, ingestRates } = this.#ports;
    const atMs = nowMs();
    const seesSystem = permissions.includes('read:dead_letters_system');
    const [topics, tasks, changeStreams, summaries, records, system, ingest, storage] = await Promise.all([
      this.#topics(atMs),
      hot.readHash(hotKeys.tasks()),
      hot.readHash(hotKeys.changeStreams()),
      hot.readHash(hotKeys.latency()),
      this.#records(workspaceId, atMs),
      seesSystem ? this.#records(SYSTEM_WORKSPACE, atMs) : null,
      ingestRates(),
      hot.readHash(hotKeys.storage()),
    ]);
    return {
      atMs,
      topics,
      partitions: parseAll<PartitionStatus>(tasks)
        .map(({ value }) => value)
        .sort((a, b) => a.task.localeCompare(b.task) || a.partition - b.partition),
      ledger: records.ledger,
      deadLetters: records.deadLetters,
      systemDeadLetters: system?.deadLetters ?? null,
      cdc: parseAll<Record<string, unknown>>(changeStreams).map(({ name, value }) => changeStreamOf(name, value)),
      latency: latencyOf(parseAll<PipelinePayload['latency']>(summaries).map(({ value }) => value)),
      storage: parseAll<StorageStatus>(storage)[0]?.value ?? null,
      ingest,
    };
  }

  /** What became of the workspace's records: the worker's ledger, the edge's refusals, the letters kept. */
  async #records(workspaceId: string, atMs: number): Promise<Pick<PipelinePayload, 'ledger' | 'deadLetters'>> {
    const { hot, deadLetters } = this.#ports;
    const [refusals, kept] = await Promise.all([deadLetters.refusals(workspaceId), deadLetters.groups(workspaceId)]);
    const ledger = await readLedger(hot, workspaceId, atMs, refusals);
    return { ledger: ledger.minutes, deadLetters: deadLetterSummaries(ledger, kept) };
  }

  /** The newest known, after a short wait for newer ones. */
  async #topics(atMs: number): Promise<PipelinePayload['topics']> {
    this.#readingTopics ??= this.#readTopics(atMs).finally(() => {
      this.#readingTopics = null;
    });
    const reading = this.#readingTopics;
    if (this.#lastTopics.length === 0) await reading;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, TOPICS_WITHIN_MS);
    try {
      await Promise.race([reading, late]);
    } finally {
      clearTimeout(timer);
    }
    return this.#lastTopics;
  }

  async #readTopics(atMs: number): Promise<void> {
    const { log } = this.#ports;
    const read = async (name: string): Promise<PipelinePayload['topics'][number] | null> => {
      try {
        const partitions = await log.partitionCount(name);
        const all = await Promise.all(Array.from({ length: partitions }, (_, p) => log.offsets(name, p)));
        const ends = all.reduce((sum, one) => sum + one.end, 0);
        const starts = all.reduce((sum, one) => sum + one.start, 0);
        return { name, partitions, records: ends - starts, recordsPerSecond: this.#meter.perSecond(name, ends, atMs) };
      } catch (error) {
        if (isAppError(error, 'not_found')) return null;
        throw error;
      }
    };
    try {
      this.#lastTopics = (await Promise.all(Object.values(TOPICS).map(read))).filter((topic) => topic !== null);
    } catch (error) {
      if (!isAppError(error, 'unavailable')) throw error;
      this.#lastTopics = this.#lastTopics.map((topic) => ({ ...topic, recordsPerSecond: 0 }));
    }
  }
}

/** Over all workers: the worst quantiles, since quantiles can't be added up. */
function latencyOf(workers: readonly PipelinePayload['latency'][]): PipelinePayload['latency'] {
  const worst = (quantile: 'p50' | 'p95' | 'p99'): number | null => {
    const known = workers.map((worker) => worker[quantile]).filter((value) => typeof value === 'number');
    return known.length === 0 ? null : Math.max(...known);
  };
  const samples = workers.reduce((sum, worker) => sum + (Number(worker.samples) || 0), 0);
  return { p50: worst('p50'), p95: worst('p95'), p99: worst('p99'), samples };
}

function changeStreamOf(name: string, status: Readonly<Record<string, unknown>>): PipelinePayload['cdc'][number] {
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);
  return {
    name,
    state: text(status.state) ?? 'unknown',
    slot: text(status.slot) ?? '',
    retainedWalBytes: number(status.retainedWalBytes),
    lastCommitMs: number(status.lastCommitMs),
    delivered: deliveredOf(status.delivered),
    message: text(status.lastError) ?? text(status.message),
  };
}

/** Changes of all kinds; null where the worker can't know. */
function deliveredOf(counts: unknown): number | null {
  if (typeof counts !== 'object' || counts === null) return null;
  return Object.values(counts).reduce<number>((sum, count) => sum + (typeof count === 'number' ? count : 0), 0);
}

/** The worker's JSON values; one that can't be read (another version) is left out. */
function parseAll<T>(hash: ReadonlyMap<string, string>): readonly { readonly name: string; readonly value: T }[] {
  return [...hash].flatMap(([name, text]) => {
    try {
      return [{ name, value: JSON.parse(text) as T }];
    } catch {
      return [];
    }
  });
}
