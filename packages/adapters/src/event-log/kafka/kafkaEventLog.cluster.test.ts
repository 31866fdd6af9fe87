import { TICK_HEADER } from '@ebap/pipeline/ports';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf } from '../../testing/codeOf.ts';
import { engines } from '../../testing/engines.ts';
import { describeEventLog } from '../conformance/index.ts';
import { readAll, record, topicSpec, utf8, valuesOf } from '../conformance/logUnderTest.ts';
import { type KafkaEventLogOptions, openKafkaEventLog } from './index.ts';

const text = (bytes: Uint8Array | null) => Buffer.from(bytes ?? []).toString();
const optionsOf = (): KafkaEventLogOptions => ({ brokers: engines().kafka.brokers, clientId: 'conformance' });

describeEventLog('Apache Kafka', async () => {
  let log = await openKafkaEventLog(optionsOf());
  return {
    log,
    tooLargeBytes: 5 * 1024 * 1024,
    async reopen() {
      await log.close();
      log = await openKafkaEventLog(optionsOf());
      return log;
    },
    dispose: () => log.close(),
  };
});

describe('on Kafka', () => {
  let log: Awaited<ReturnType<typeof openKafkaEventLog>>;
  let kafka: kafkajs.Kafka;
  beforeAll(async () => {
    log = await openKafkaEventLog(optionsOf());
    const { NOTHING } = kafkajs.logLevel;
    kafka = new kafkajs.Kafka({ brokers: [...engines().kafka.brokers], clientId: 'foreign', logLevel: NOTHING });
  });
  afterAll(() => log.close());

  async function newTopic(partitions: number, changes: Parameters<typeof topicSpec>[1] = {}): Promise<string> {
    const spec = topicSpec(partitions, changes);
    await log.createTopic(spec);
    return spec.name;
  }

  test.each(['none', 'gzip', 'zstd', 'lz4'] as const)('what was written with %s compression is read', async (codec) => {
    const topic = await newTopic(1);
    const writer = await openKafkaEventLog({ ...optionsOf(), compression: codec });
    const records = Array.from({ length: 500 }, (_, i) => record(0, `k${i}`, `${i}:${'x'.repeat(i)}`));
    await writer.append(topic, records);
    await writer.close();
    const found = await readAll(log, topic, 0);
    expect(found.map(({ value }) => text(value))).toEqual(records.map(({ value }) => text(value)));
  });

  test('the offsets of many partitions of several topics are told when they are asked for at once', async () => {
    const topics = [await newTopic(20), await newTopic(3)];
    await log.append(topics[0] ?? '', [record(7, 'k', 'v'), record(7, 'k', 'v'), record(19, 'k', 'v')]);
    const ends = await Promise.all(
      topics.map((topic, t) =>
        Promise.all(Array.from({ length: t === 0 ? 20 : 3 }, async (_, p) => (await log.offsets(topic, p)).end)),
      ),
    );
    expect(ends).toEqual([Array.from({ length: 20 }, (_, p) => ({ 7: 2, 19: 1 })[p] ?? 0), [0, 0, 0]]);
    await expect(Promise.all([log.offsets(topics[0] ?? '', 0), log.offsets('not-there', 0)])).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('a topic has the settings that its spec asks for, also one that was there before', async () => {
    const topic = await newTopic(4, { retentionMs: 5_000_000, retentionBytes: 40_000_000 });
    const admin = kafka.admin();
    await admin.connect();
    const settings = async () => {
      const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }];
      const answer = await admin.describeConfigs({ includeSynonyms: false, resources });
      return new Map(answer.resources[0]?.configEntries.map((entry) => [entry.configName, entry.configValue]));
    };
    const first = await settings();
    expect(first.get('message.timestamp.type')).toBe('LogAppendTime');
    expect(first.get('cleanup.policy')).toBe('delete');
    expect(first.get('retention.bytes')).toBe('10000000');
    await log.createTopic({ ...topicSpec(4, { cleanup: 'compact', retentionMs: 6_000_000 }), name: topic });
    // The controller answers before the brokers know.
    await expect.poll(async () => (await settings()).get('retention.ms'), { timeout: 20_000 }).toBe('6000000');
    const second = await settings();
    expect(second.get('cleanup.policy')).toBe('compact');
    expect(second.get('max.compaction.lag.ms')).toBe('86400000');
    expect(second.get('retention.bytes')).toBe('-1');
    await admin.disconnect();
  });

  test('a compacted topic takes ticks; a record without a key is a `bad_request` there', async () => {
    const topic = await newTopic(1, { cleanup: 'compact' });
    await log.append(topic, [{ partition: 0, key: null, value: null, headers: { [TICK_HEADER]: utf8('1') } }]);
    const batch = await log.fetch(topic, 0, 0);
    expect([batch.count, batch.ticks[0], batch.keyStarts[0], batch.valueStarts[0]]).toEqual([1, 1, -1, -1]);
    expect(await codeOf(log.append(topic, [record(0, null, 'v')]))).toBe('bad_request');
    expect(await codeOf(log.append(topic, [record(0, 'k', 'v')]))).toBe('ok');
  });

  test('records of aborted transactions are not seen, and markers do not hold the position', async () => {
    const topic = await newTopic(1);
    const producer = kafka.producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const transact = async (value: string, end: 'commit' | 'abort') => {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ partition: 0, value }] });
      await transaction[end]();
    };
    await transact('first', 'commit');
    await transact('never', 'abort');
    await transact('second', 'commit');
    await transact('never at all', 'abort');
    await producer.disconnect();
    const found = await readAll(log, topic, 0);
    expect(found.map(({ offset, value }) => [offset, text(value)])).toEqual([
      [0, 'first'],
      [4, 'second'],
    ]);
    expect(await log.fetch(topic, 0, 5)).toMatchObject({ count: 0, nextOffset: 8, endOffset: 8 });
  });

  test('many small appends at once go in few sends, each with its own acknowledgement', async () => {
    const topic = await newTopic(4);
    const acks = await Promise.all(
      Array.from({ length: 2_000 }, (_, i) => log.append(topic, [record(i % 4, null, String(i))])),
    );
    for (let partition = 0; partition < 4; partition += 1) {
      const found = await readAll(log, topic, partition);
      expect(found).toHaveLength(500);
      found.forEach(({ offset, value }) => {
        expect(acks[Number(text(value))]?.[0]).toMatchObject({ partition, baseOffset: offset, count: 1 });
      });
    }
  });

  test('an append that Kafka refuses does not end those that went with it', async () => {
    const compacted = await newTopic(1, { cleanup: 'compact' });
    const topic = await newTopic(1);
    const append = async (to: string, key: string | null, value: string) => {
      for (;;) {
        const code = await codeOf(log.append(to, [record(0, key, value)]));
        if (code !== 'unavailable') return code;
      }
    };
    const calls = Array.from({ length: 20 }, (_, i) =>
      i === 7 ? append(compacted, null, 'bad') : append(topic, null, `${i}`),
    );
    expect(await Promise.all(calls)).toEqual(calls.map((_, i) => (i === 7 ? 'bad_request' : 'ok')));
    const found = new Set((await readAll(log, topic, 0)).map(({ value }) => text(value)));
    expect(found.size).toBe(19);
  });

  test('many partitions that wait are woken by what is written to any of them', async () => {
    const topic = await newTopic(20);
    const waiting = Array.from({ length: 20 }, (_, partition) =>
      log.fetch(topic, partition, 0, { maxWaitMs: 86_400_000 }),
    );
    await log.fetch(topic, 0, 0);
    await log.append(topic, Array.from({ length: 20 }, (_, i) => record(i, null, String(i))).reverse());
    expect((await Promise.all(waiting)).map((batch) => valuesOf(batch))).toEqual(waiting.map((_, i) => [String(i)]));
  });

  test('all partitions get their turn when each has more than an answer holds', async () => {
    const topic = await newTopic(6);
    const small = await openKafkaEventLog({ ...optionsOf(), responseMaxBytes: 20_000 });
    for (let round = 0; round < 4; round += 1) {
      await log.append(
        topic,
        Array.from({ length: 300 }, (_, i) => record(i % 6, null, Buffer.alloc(1_000, i).toString('latin1'))),
      );
    }
    const counts = await Promise.all(Array.from({ length: 6 }, (_, i) => readAll(small, topic, i)));
    expect(counts.map(({ length }) => length)).toEqual([200, 200, 200, 200, 200, 200]);
    await small.close();
  });

  test('a topic deleted and made anew is a `topic_mismatch` to who knew the first', async () => {
    const spec = topicSpec(1);
    await log.createTopic(spec);
    await log.append(spec.name, [record(0, 'k', 'old')]);
    const reader = await openKafkaEventLog(optionsOf());
    expect((await reader.fetch(spec.name, 0, 0)).count).toBe(1);
    const admin = kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [spec.name] });
    const other = await openKafkaEventLog(optionsOf());
    await expect.poll(() => codeOf(other.createTopic(spec)), { timeout: 20_000 }).toBe('ok');
    const fault = reader.fetch(spec.name, 0, 1, { maxWaitMs: 20_000 });
    await expect(fault).rejects.toMatchObject({ code: 'topic_mismatch', retryable: false });
    await Promise.all([reader.close(), other.close(), admin.disconnect()]);
  });
});
