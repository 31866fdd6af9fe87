import {
  DEAD_LETTER_REASONS,
  type LedgerMinute,
  type PartitionStatus,
  type PipelinePayload,
  TOPICS,
} from '@ebap/pipeline/contracts';
import { isAppError } from '@ebap/pipeline/errors';
import { hotKeys } from '@ebap/pipeline/hot';
import type { EventLog, HotStore } from '@ebap/pipeline/ports';
import { windowStartMs } from '@ebap/pipeline/time';
import type { DeadLetterIndex } from './deadLetterIndex.ts';

export interface PipelineReaderPorts {
  readonly hot: HotStore;
  readonly log: EventLog;
  readonly deadLetters: DeadLetterIndex;
  readonly nowMs: () => number;
  /** What this process' ingestion has accepted and refused since its start. */
  readonly ingested: () => { readonly accepted: number; readonly rejected: number };
}

const MINUTE_MS = 60_000;
const LEDGER_MINUTES = 120;
const SHORTEST_RATE_MS = 900;
const OUTCOMES = ['counted', 'duplicate', 'late', ...DEAD_LETTER_REASONS.map((reason) => `dead:${reason}`)] as const;
const FIRST_DEAD = 3;

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

  constructor(ports: PipelineReaderPorts) {
    this.#ports = ports;
  }

  /** @throws AppError `unavailable`. */
  async read(workspaceId: string): Promise<PipelinePayload> {
    const { hot, deadLetters, nowMs, ingested } = this.#ports;
    const atMs = nowMs();
    const [topics, tasks, changeStreams, summaries, ledger, letters] = await Promise.all([
      this.#topics(atMs),
      hot.readHash(hotKeys.tasks()),
      hot.readHash(hotKeys.changeStreams()),
      hot.readHash(hotKeys.latency()),
      this.#ledger(workspaceId, atMs),
      deadLetters.groups(workspaceId),
    ]);
    // Not the topic's rate: that counts ticks too.
    const { accepted, rejected } = ingested();
    return {
      atMs,
      topics,
      partitions: parseAll<PartitionStatus>(tasks).map(({ value }) => value),
      ledger: ledger.minutes,
      deadLetters: mergeDeadLetters(ledger.dead, letters),
      cdc: parseAll<Record<string, unknown>>(changeStreams).map(({ name, value }) => changeStreamOf(name, value)),
      latency: latencyOf(parseAll<PipelinePayload['latency']>(summaries).map(({ value }) => value)),
      ingest: {
        acceptedPerSecond: this.#meter.perSecond('edge/accepted', accepted, atMs),
        rejectedPerSecond: this.#meter.perSecond('edge/rejected', rejected, atMs),
      },
    };
  }

  async #topics(atMs: number): Promise<PipelinePayload['topics']> {
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
    return (await Promise.all(Object.values(TOPICS).map(read))).filter((topic) => topic !== null);
  }

  async #ledger(workspaceId: string, atMs: number): Promise<Ledger> {
    const newestMs = windowStartMs(atMs, MINUTE_MS);
    const minutesMs = Array.from({ length: LEDGER_MINUTES }, (_, i) => newestMs - (LEDGER_MINUTES - 1 - i) * MINUTE_MS);
    const rows = await this.#ports.hot.readFields(
      minutesMs.map((minuteMs) => hotKeys.ledger(workspaceId, minuteMs)),
      OUTCOMES.map((outcome) => `${TOPICS.eventsRaw}/${outcome}`),
    );
    const dead = new Map<string, { count: number; lastSeenMs: number }>();
    const minutes = rows.map((row, i): LedgerMinute => {
      const counts = row.map((text) => Number(text ?? 0));
      const minuteMs = minutesMs[i] ?? 0;
      DEAD_LETTER_REASONS.forEach((reason, r) => {
        const count = counts[FIRST_DEAD + r] ?? 0;
        if (count > 0) dead.set(reason, { count: (dead.get(reason)?.count ?? 0) + count, lastSeenMs: minuteMs });
      });
      return {
        minuteMs,
        counted: counts[0] ?? 0,
        duplicate: counts[1] ?? 0,
        late: counts[2] ?? 0,
        dead: counts.slice(FIRST_DEAD).reduce((sum, count) => sum + count, 0),
      };
    });
    return { minutes, dead };
  }
}

interface Ledger {
  readonly minutes: readonly LedgerMinute[];
  readonly dead: ReadonlyMap<string, { readonly count: number; readonly lastSeenMs: number }>;
}

/** What the worker counted in two hours, and what the edge refused, which the ledger does not know. */
function mergeDeadLetters(
  counted: Ledger['dead'],
  letters: Awaited<ReturnType<DeadLetterIndex['groups']>>,
): PipelinePayload['deadLetters'] {
  const merged = new Map([...counted].map(([reason, one]) => [reason, { reason, ...one }]));
  for (const { reason, count, lastSeenMs, refusedAtEdge } of letters) {
    const known = merged.get(reason);
    if (known === undefined) merged.set(reason, { reason, count, lastSeenMs });
    else
      merged.set(reason, {
        reason,
        count: known.count + refusedAtEdge,
        lastSeenMs: Math.max(known.lastSeenMs, lastSeenMs),
      });
  }
  return [...merged.values()].sort((a, b) => b.count - a.count);
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
  const { delivered } = status;
  const counts = typeof delivered === 'object' && delivered !== null ? Object.values(delivered) : [delivered];
  return {
    name,
    state: text(status.state) ?? 'unknown',
    slot: text(status.slot) ?? '',
    retainedWalBytes: number(status.retainedWalBytes),
    lastCommitMs: number(status.lastCommitMs),
    delivered: counts.reduce<number>((sum, count) => sum + (number(count) ?? 0), 0),
    message: text(status.lastError) ?? text(status.message),
  };
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
