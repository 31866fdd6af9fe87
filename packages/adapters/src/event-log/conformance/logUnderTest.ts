import { randomUUID } from 'node:crypto';
import {
  type AppendRecord,
  type BatchRecord,
  type EventLog,
  type LogBatch,
  recordAt,
  type TopicSpec,
} from '@ebap/pipeline/ports';

/** A log for one test. It may hold topics of other tests: each test makes its own. */
export interface EventLogUnderTest {
  readonly log: EventLog;
  /** Bytes of a record's value that are certainly too many. */
  readonly tooLargeBytes: number;
  /** Closes the log and opens it again on the same data. */
  reopen(): Promise<EventLog>;
  dispose(): Promise<void>;
}

export type EventLogFactory = () => Promise<EventLogUnderTest>;

/** The log of the running test. */
export type Made = () => EventLogUnderTest;
/** Makes a topic with a name of its own; returns the name. */
export type NewTopic = (partitions: number, changes?: Partial<TopicSpec>) => Promise<string>;

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export function record(partition: number, key: string | null, value: string | null): AppendRecord {
  return { partition, key: key === null ? null : utf8(key), value: value === null ? null : utf8(value) };
}

export function topicSpec(partitions: number, changes: Partial<TopicSpec> = {}): TopicSpec {
  return { name: `conformance.${randomUUID()}`, partitions, cleanup: 'delete', retentionMs: 86_400_000, ...changes };
}

export function recordsOf(batch: LogBatch): BatchRecord[] {
  return Array.from({ length: batch.count }, (_, i) => recordAt(batch, i));
}

export function valuesOf(batch: LogBatch): (string | null)[] {
  return recordsOf(batch).map(({ value }) => (value === null ? null : new TextDecoder().decode(value)));
}

/** Reads a partition to its end in steps of `maxBytes`, checking the law of `readThroughMs` on the way. */
export async function readAll(
  log: EventLog,
  topic: string,
  partition: number,
  options: { from?: number; maxBytes?: number } = {},
): Promise<BatchRecord[]> {
  const found: BatchRecord[] = [];
  let next = options.from ?? 0;
  let readThroughMs = Number.NEGATIVE_INFINITY;
  for (;;) {
    const batch = await log.fetch(topic, partition, next, { maxBytes: options.maxBytes ?? 65_536 });
    for (const one of recordsOf(batch)) {
      if (one.appendTimeMs <= readThroughMs)
        throw new Error(`${one.appendTimeMs} after reading through ${readThroughMs}`);
      found.push(one);
    }
    if (batch.count === 0) return found;
    readThroughMs = batch.readThroughMs;
    next = batch.nextOffset;
  }
}

/** A promise, and whether it has settled yet. */
export function watched<T>(promise: Promise<T>): { readonly promise: Promise<T>; isSettled(): boolean } {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  promise.then(settle, settle);
  return { promise, isSettled: () => isSettled };
}
