import { CircuitBreaker, guardedEventLog, guardedHotStore } from '@ebap/adapters/circuit-breaker';
import type { Logger } from '@ebap/adapters/logging';
import type { Db } from '@ebap/db';
import type { EventLog, HotStore } from '@ebap/pipeline/ports';
import type { MetricsRegistry } from '../metrics/registry.ts';

export interface GuardOptions {
  readonly log: EventLog;
  readonly hot: HotStore;
  readonly db: Db;
  /**
   * Log and hot store are servers. Embedded ones are libraries in this process: they answer or throw at once, and a
   * bound would only turn a slow disk into refusals.
   */
  readonly areRemote: boolean;
  readonly metrics: MetricsRegistry;
  readonly logger: Logger;
}

/** The stores with their calls guarded; see {@link CircuitBreaker}. */
export interface GuardedStores {
  readonly log: EventLog;
  readonly hot: HotStore;
  readonly db: Db;
  /** Whether the log refuses to take events at the moment. */
  readonly isLogRefusing: () => boolean;
  /** Time since the log last took records of this process, ms. */
  readonly sinceAppendMs: () => number;
}

/** Longer than a sound database takes for the largest batch of new people. */
const DATABASE_HANG_MS = 5_000;
const HOT_HANG_MS = 2_000;
/** The Pipeline page asks for all partitions of all topics at a time. */
const READS_HANG_MS = 6_000;

/** Puts breakers round what a request or a live topic waits for. */
export function guardStores({ log, hot, db, areRemote, metrics, logger }: GuardOptions): GuardedStores {
  const breakers = new Map<string, CircuitBreaker>();
  const breaker = (id: string, name: string, hangMs?: number): CircuitBreaker => {
    const made = new CircuitBreaker({
      name,
      ...(hangMs !== undefined && { hangMs }),
      onChange: (isOpen) =>
        logger.log('info', isOpen ? 'calls are refused while the engine is away' : 'calls go out again', {
          breaker: id,
        }),
    });
    breakers.set(id, made);
    return made;
  };
  metrics.add('breaker_open', {
    type: 'gauge',
    help: 'Whether calls are refused because the engine is away.',
    render: (name) => [...breakers].map(([id, one]) => `${name}{breaker="${id}"} ${one.isOpen ? 1 : 0}`),
  });
  const database = breaker('database', 'The database', DATABASE_HANG_MS);
  if (!areRemote)
    return { log, hot, db: guardedDb(db, database), isLogRefusing: () => false, sinceAppendMs: () => Infinity };
  const appends = breaker('event_log_appends', 'The event log');
  const reads = breaker('event_log_reads', 'The event log', READS_HANG_MS);
  const guarded = guardedEventLog(log, { appends, reads });
  let appendedAtMs = -Infinity;
  return {
    log: {
      ...guarded,
      append: async (topic, records) => {
        const acks = await guarded.append(topic, records);
        appendedAtMs = performance.now();
        return acks;
      },
    },
    hot: guardedHotStore(hot, breaker('hot_store', 'The hot store', HOT_HANG_MS)),
    db: guardedDb(db, database),
    isLogRefusing: () => appends.isOpen,
    sinceAppendMs: () => performance.now() - appendedAtMs,
  };
}

/** What every request needs of the database: sessions, write keys, people's keys. */
function guardedDb(db: Db, breaker: CircuitBreaker): Db {
  const { sessions, apiKeys, subjectKeys } = db;
  return {
    ...db,
    sessions: {
      ...sessions,
      find: (...args) => breaker.run(() => sessions.find(...args)),
      findMany: (...args) => breaker.run(() => sessions.findMany(...args)),
    },
    apiKeys: { ...apiKeys, verify: (...args) => breaker.run(() => apiKeys.verify(...args)) },
    subjectKeys: {
      ...subjectKeys,
      getOrCreateMany: (...args) => breaker.run(() => subjectKeys.getOrCreateMany(...args)),
    },
  };
}
