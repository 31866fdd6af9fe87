import type { EventLog, HotStore } from '@ebap/pipeline/ports';
import type { CircuitBreaker } from './circuitBreaker.ts';

/**
 * The log with its calls guarded: appends by one breaker, reads by another, since a log may take one and not the other.
 * Fetches that wait at the log's end must wait for less than the readers' `hangMs`.
 */
export function guardedEventLog(
  log: EventLog,
  { appends, reads }: { readonly appends: CircuitBreaker; readonly reads: CircuitBreaker },
): EventLog {
  return {
    clusterId: log.clusterId,
    createTopic: (spec) => log.createTopic(spec),
    // Known without asking anybody, as a rule: it is no word about the log.
    partitionCount: (topic) => log.partitionCount(topic),
    topicId: (topic) => reads.run(() => log.topicId(topic)),
    append: (topic, records) => appends.run(() => log.append(topic, records)),
    fetch: (topic, partition, fromOffset, options) => reads.run(() => log.fetch(topic, partition, fromOffset, options)),
    offsets: (topic, partition) => reads.run(() => log.offsets(topic, partition)),
    applyRetention: () => log.applyRetention(),
    close: () => log.close(),
  };
}

/** The hot store with reads and flushes guarded. */
export function guardedHotStore(hot: HotStore, breaker: CircuitBreaker): HotStore {
  return {
    flush: (flush) => breaker.run(() => hot.flush(flush)),
    readHash: (key) => breaker.run(() => hot.readHash(key)),
    readFields: (keys, fields) => breaker.run(() => hot.readFields(keys, fields)),
    sequence: (topic) => breaker.run(() => hot.sequence(topic)),
    subscribe: (prefix, onChange) => hot.subscribe(prefix, onChange),
    sweep: () => hot.sweep(),
    close: () => hot.close(),
  };
}
