import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAppError } from '@ebap/pipeline/errors';
import {
  type AppendRecord,
  type BatchRecord,
  type EventLog,
  type LogBatch,
  recordAt,
  TICK_HEADER,
  type TopicSpec,
} from '@ebap/pipeline/ports';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

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

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function record(partition: number, key: string | null, value: string | null): AppendRecord {
  return { partition, key: key === null ? null : utf8(key), value: value === null ? null : utf8(value) };
}

function topicSpec(partitions: number, changes: Partial<TopicSpec> = {}): TopicSpec {
  return { name: `conformance.${randomUUID()}`, partitions, cleanup: 'delete', retentionMs: 86_400_000, ...changes };
}

function recordsOf(batch: LogBatch): BatchRecord[] {
  return Array.from({ length: batch.count }, (_, i) => recordAt(batch, i));
}

function valuesOf(batch: LogBatch): (string | null)[] {
  return recordsOf(batch).map(({ value }) => (value === null ? null : new TextDecoder().decode(value)));
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'ok';
  } catch (error) {
    if (isAppError(error)) return error.code;
    throw error;
  }
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

/** What every adapter of the port `EventLog` does. */
export function describeEventLog(name: string, factory: EventLogFactory): void {
  describe(`EventLog: ${name}`, () => {
    let made: EventLogUnderTest;
    beforeEach(async () => {
      made = await factory();
    });
    afterEach(() => made.dispose());

    async function newTopic(partitions: number, changes: Partial<TopicSpec> = {}): Promise<string> {
      const spec = topicSpec(partitions, changes);
      await made.log.createTopic(spec);
      return spec.name;
    }

    describeTopics(() => made);
    describeAppend(() => made, newTopic);
    describeFetch(() => made, newTopic);
    describeTime(() => made, newTopic);
  });
}

type Made = () => EventLogUnderTest;
type NewTopic = (partitions: number, changes?: Partial<TopicSpec>) => Promise<string>;

function describeTopics(made: Made): void {
  test('creating a topic is idempotent', async () => {
    const spec = topicSpec(3);
    await made().log.createTopic(spec);
    await made().log.createTopic(spec);
    expect(await made().log.partitionCount(spec.name)).toBe(3);
  });

  test('a topic keeps its partition count', async () => {
    const spec = topicSpec(3);
    await made().log.createTopic(spec);
    expect(await codeOf(made().log.createTopic({ ...spec, partitions: 4 }))).toBe('topic_mismatch');
    expect(await made().log.partitionCount(spec.name)).toBe(3);
  });

  test('an unknown topic is `not_found`', async () => {
    expect(await codeOf(made().log.partitionCount(`missing.${randomUUID()}`))).toBe('not_found');
  });

  test('a new partition is empty and begins at 0', async () => {
    const spec = topicSpec(2);
    await made().log.createTopic(spec);
    expect(await made().log.offsets(spec.name, 1)).toEqual({ start: 0, end: 0 });
  });
}

function describeAppend(made: Made, newTopic: NewTopic): void {
  test('acknowledges each partition touched, with offsets without a gap', async () => {
    const topic = await newTopic(3);
    await made().log.append(topic, [record(2, 'k', 'earlier')]);
    const acks = await made().log.append(topic, [record(0, 'a', '0'), record(2, 'b', '1'), record(0, 'c', '2')]);
    const byPartition = [...acks].sort((a, b) => a.partition - b.partition);
    expect(byPartition.map(({ partition, baseOffset, count }) => ({ partition, baseOffset, count }))).toEqual([
      { partition: 0, baseOffset: 0, count: 2 },
      { partition: 2, baseOffset: 1, count: 1 },
    ]);
    expect(await made().log.offsets(topic, 0)).toEqual({ start: 0, end: 2 });
    expect(await made().log.offsets(topic, 1)).toEqual({ start: 0, end: 0 });
  });

  test('keeps the order within each partition', async () => {
    const topic = await newTopic(2);
    await made().log.append(
      topic,
      Array.from({ length: 100 }, (_, i) => record(i % 2, null, String(i))),
    );
    expect(valuesOf(await made().log.fetch(topic, 1, 0))).toEqual(
      Array.from({ length: 50 }, (_, i) => String(2 * i + 1)),
    );
  });

  test('appending nothing is answered with nothing', async () => {
    const topic = await newTopic(1);
    expect(await made().log.append(topic, [])).toEqual([]);
    expect(await made().log.offsets(topic, 0)).toEqual({ start: 0, end: 0 });
  });

  test('a record over the limit is `too_large`, and nothing of its call is written', async () => {
    const topic = await newTopic(1);
    const large = { partition: 0, key: null, value: new Uint8Array(made().tooLargeBytes) };
    expect(await codeOf(made().log.append(topic, [record(0, 'k', 'fine'), large]))).toBe('too_large');
    expect(await made().log.offsets(topic, 0)).toEqual({ start: 0, end: 0 });
  });

  test('concurrent appends all arrive, each in a run of its own', async () => {
    const topic = await newTopic(2);
    const calls = await Promise.all(
      Array.from({ length: 40 }, async (_, call) => ({
        call,
        acks: await made().log.append(
          topic,
          Array.from({ length: 6 }, (_, i) => record(i % 2, `${call}`, `${call}:${i}`)),
        ),
      })),
    );
    for (const partition of [0, 1]) {
      const found = await readAll(made().log, topic, partition);
      expect(found).toHaveLength(120);
      for (const { call, acks } of calls) {
        const ack = acks.find((one) => one.partition === partition);
        const run = found.slice(ack?.baseOffset, (ack?.baseOffset ?? 0) + (ack?.count ?? 0));
        expect(run.map(({ value }) => new TextDecoder().decode(value ?? new Uint8Array()))).toEqual(
          [0, 2, 4].map((i) => `${call}:${i + partition}`),
        );
      }
    }
  });

  test('what was acknowledged is there after closing and opening again', async () => {
    const topic = await newTopic(1);
    const { clusterId } = made().log;
    const [before] = await made().log.append(topic, [record(0, 'k', 'one')]);
    const again = await made().reopen();
    expect(again.clusterId).toBe(clusterId);
    expect(await again.partitionCount(topic)).toBe(1);
    const [after] = await again.append(topic, [record(0, 'k', 'two')]);
    expect(after?.baseOffset).toBe(1);
    expect(after?.appendTimeMs).toBeGreaterThanOrEqual(before?.appendTimeMs ?? Number.POSITIVE_INFINITY);
    expect(valuesOf(await again.fetch(topic, 0, 0))).toEqual(['one', 'two']);
  });
}

function describeFetch(made: Made, newTopic: NewTopic): void {
  test('returns keys, values and headers as they were written; null is not empty', async () => {
    const topic = await newTopic(1);
    const binary = new Uint8Array([0, 255, 128, 10, 13]);
    await made().log.append(topic, [
      {
        partition: 0,
        key: binary,
        value: new Uint8Array(0),
        headers: { 'trace-id': binary, empty: new Uint8Array(0) },
      },
      { partition: 0, key: new Uint8Array(0), value: null },
      { partition: 0, key: null, value: binary },
    ]);
    const found = recordsOf(await made().log.fetch(topic, 0, 0));
    const plain = found.map(({ offset, key, value }) => [offset, key && [...key], value && [...value]]);
    expect(plain).toEqual([
      [0, [...binary], []],
      [1, [], null],
      [2, null, [...binary]],
    ]);
    expect([...(found[0]?.headers?.['trace-id'] ?? [])]).toEqual([...binary]);
    expect(found[0]?.headers?.empty?.length).toBe(0);
    expect(found[1]?.headers).toBeUndefined();
  });

  test('marks ticks', async () => {
    const topic = await newTopic(1);
    const tick = { partition: 0, key: null, value: null, headers: { [TICK_HEADER]: new Uint8Array(0) } };
    await made().log.append(topic, [record(0, 'k', 'v'), tick, record(0, null, null)]);
    const batch = await made().log.fetch(topic, 0, 0);
    expect([...batch.ticks.subarray(0, 3)]).toEqual([0, 1, 0]);
    expect(recordAt(batch, 1)).toMatchObject({ key: null, value: null });
  });

  test('begins anywhere, also inside what was appended at once', async () => {
    const topic = await newTopic(1);
    await made().log.append(
      topic,
      Array.from({ length: 50 }, (_, i) => ({ ...record(0, null, String(i)), headers: { n: utf8(String(i)) } })),
    );
    const batch = await made().log.fetch(topic, 0, 47);
    expect(valuesOf(batch)).toEqual(['47', '48', '49']);
    expect([...batch.offsets.subarray(0, 3)]).toEqual([47, 48, 49]);
    expect(batch).toMatchObject({ topic, partition: 0, count: 3, nextOffset: 50, endOffset: 50 });
    expect(recordsOf(batch).map(({ headers }) => new TextDecoder().decode(headers?.n))).toEqual(['47', '48', '49']);
  });

  test.each([1, 100, 1_000, 100_000])('pieces of about %i bytes join to the whole', async (maxBytes) => {
    const topic = await newTopic(1);
    for (let call = 0; call < 5; call += 1) {
      await made().log.append(
        topic,
        Array.from({ length: 40 }, (_, i) => record(0, `${call}`, `${call}:${i}:${'x'.repeat(i)}`)),
      );
    }
    const found = await readAll(made().log, topic, 0, { maxBytes });
    expect(found.map(({ offset }) => offset)).toEqual(Array.from({ length: 200 }, (_, i) => i));
    expect(new TextDecoder().decode(found[199]?.value ?? new Uint8Array())).toBe(`4:39:${'x'.repeat(39)}`);
  });

  test('large records travel whole', async () => {
    const topic = await newTopic(1);
    const value = new Uint8Array(900_000).map((_, i) => i % 251);
    await made().log.append(
      topic,
      [0, 1, 2].map(() => ({ partition: 0, key: null, value })),
    );
    const found = await readAll(made().log, topic, 0, { maxBytes: 1 });
    expect(found.map(({ value: read }) => Buffer.compare(read ?? new Uint8Array(), value))).toEqual([0, 0, 0]);
  });

  test('at the end it answers with an empty batch', async () => {
    const topic = await newTopic(1);
    await made().log.append(topic, [record(0, 'k', 'v')]);
    expect(await made().log.fetch(topic, 0, 1)).toMatchObject({ count: 0, nextOffset: 1, endOffset: 1 });
  });

  test('at the end it waits for the next record', async () => {
    const topic = await newTopic(1);
    const waiting = made().log.fetch(topic, 0, 0, { maxWaitMs: 10_000 });
    await sleep(30);
    await made().log.append(topic, [record(0, 'k', 'new')]);
    expect(valuesOf(await waiting)).toEqual(['new']);
  });

  test('a wait ends with its time', async () => {
    const topic = await newTopic(1);
    const start = performance.now();
    expect((await made().log.fetch(topic, 0, 0, { maxWaitMs: 50 })).count).toBe(0);
    expect(performance.now() - start).toBeGreaterThanOrEqual(45);
  });

  test('an abort ends a wait with `cancelled`', async () => {
    const topic = await newTopic(1);
    const controller = new AbortController();
    const waiting = codeOf(made().log.fetch(topic, 0, 0, { maxWaitMs: 60_000, signal: controller.signal }));
    await sleep(30);
    controller.abort();
    expect(await waiting).toBe('cancelled');
  });

  test('past the end and before the start are `offset_out_of_range`', async () => {
    const topic = await newTopic(1);
    await made().log.append(topic, [record(0, 'k', 'v')]);
    expect(await codeOf(made().log.fetch(topic, 0, 2))).toBe('offset_out_of_range');
    expect(await codeOf(made().log.fetch(topic, 0, -1))).toBe('offset_out_of_range');
  });
}

function describeTime(made: Made, newTopic: NewTopic): void {
  test('append times are those acknowledged and never go back', async () => {
    const topic = await newTopic(1);
    const acks = [];
    for (let i = 0; i < 10; i += 1) acks.push(...(await made().log.append(topic, [record(0, null, String(i))])));
    const times = recordsOf(await made().log.fetch(topic, 0, 0)).map(({ appendTimeMs }) => appendTimeMs);
    expect(times).toEqual(acks.map(({ appendTimeMs }) => appendTimeMs));
    expect([...times].sort((a, b) => a - b)).toEqual(times);
  });

  test('no later record is as old as what a fetch said it had read through', async () => {
    const topic = await newTopic(2);
    let writing = true;
    const writer = (async () => {
      for (let i = 0; i < 60; i += 1) await made().log.append(topic, [record(i % 2, null, 'x'), record(0, null, 'y')]);
      writing = false;
    })();
    let next = 0;
    let readThroughMs = Number.NEGATIVE_INFINITY;
    for (;;) {
      const last = !writing;
      const batch = await made().log.fetch(topic, 0, next, { maxBytes: 3 });
      for (const { appendTimeMs } of recordsOf(batch)) expect(appendTimeMs).toBeGreaterThan(readThroughMs);
      expect(batch.readThroughMs).toBeGreaterThanOrEqual(readThroughMs);
      readThroughMs = batch.readThroughMs;
      next = batch.nextOffset;
      if (last && batch.count === 0) break;
    }
    await writer;
    expect(next).toBe(90);
  });

  test('retention may be applied at any time and leaves young records alone', async () => {
    const topic = await newTopic(1);
    await made().log.append(topic, [record(0, 'k', 'v')]);
    const report = await made().log.applyRetention();
    expect(report.keptBytes).toBeGreaterThanOrEqual(0);
    expect(valuesOf(await made().log.fetch(topic, 0, 0))).toEqual(['v']);
  });

  test('a compacted topic may be written and read like any other', async () => {
    const topic = await newTopic(1, { cleanup: 'compact' });
    await made().log.append(topic, [record(0, 'k', '1'), record(0, 'k', '2'), record(0, 'gone', null)]);
    const found = await readAll(made().log, topic, 0);
    expect(found.at(-1)).toMatchObject({ offset: 2, value: null });
  });
}
