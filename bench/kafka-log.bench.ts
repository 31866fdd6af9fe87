/**
 * The event log on Kafka beside other ways to use its clients, one after the other on one broker. Prints one line of
 * JSON. `node bench/kafka-log.bench.ts [records] [host:port]` (default 600,000 records of 250 B; without the address of
 * a broker it starts one of its own).
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { openKafkaEventLog } from '@ebap/adapters/event-log';
import { type AppendRecord, type EventLog, packBatch } from '@ebap/pipeline/ports';
import { Consumer, MessagesStreamModes, Producer } from '@platformatic/kafka';
import kafkajs from 'kafkajs';
import { makeThrowawayCluster } from '../stack/cluster/throwawayCluster.ts';

const PARTITIONS = 6;
const PER_SEND = 3_000;
const FETCH_BYTES = 1024 * 1024;
const records = Number(process.argv[2] ?? 600_000);
const given = process.argv[3];

const QUIET = { step: <Result>(_label: string, work: () => Promise<Result>) => work() };
const home = given === undefined ? await makeThrowawayCluster(process.env, QUIET, { engines: ['kafka'] }) : undefined;
await home?.cluster.start();
const brokers = given === undefined ? [...(home?.cluster.addresses.kafka.brokers ?? [])] : [given];
const kafka = new kafkajs.Kafka({ brokers, clientId: 'bench', logLevel: kafkajs.logLevel.NOTHING });
const options = { brokers, clientId: 'bench' };
const log = await openKafkaEventLog(options);

/** Half of it random: compresses about as well as enciphered events do. */
const VALUES = Array.from({ length: 1_000 }, () => Buffer.from(randomBytes(117).toString('hex')));
const send: readonly AppendRecord[] = Array.from({ length: PER_SEND }, (_, i) => ({
  partition: i % PARTITIONS,
  key: Buffer.from(`key-${i}`.padEnd(16)),
  value: VALUES[i % VALUES.length] ?? null,
}));

interface Rate {
  readonly recordsPerSecond: number;
  /** Of this process: user and system time. */
  readonly recordsPerCpuSecond: number;
}

async function rateOf(count: number, work: () => Promise<void>): Promise<Rate> {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return {
    recordsPerSecond: Math.round((count / (performance.now() - startMs)) * 1_000),
    recordsPerCpuSecond: Math.round((count / (user + system)) * 1e6),
  };
}

async function newTopic(): Promise<string> {
  const name = `bench.${randomUUID()}`;
  await log.createTopic({ name, partitions: PARTITIONS, cleanup: 'delete', retentionMs: 86_400_000 });
  return name;
}

async function appendThrough(writer: EventLog, topic: string, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 2 * PER_SEND) {
    await Promise.all([writer.append(topic, send), writer.append(topic, send)]);
  }
}

async function withLog(
  changes: Partial<Parameters<typeof openKafkaEventLog>[0]>,
  use: (one: EventLog) => Promise<Rate>,
): Promise<Rate> {
  const one = await openKafkaEventLog({ ...options, ...changes });
  const rate = await use(one);
  await one.close();
  return rate;
}

async function produceByPlatformatic(topic: string, count: number): Promise<void> {
  const producer = new Producer({ clientId: 'bench', bootstrapBrokers: brokers, idempotent: true, acks: -1 });
  const messages = () =>
    send.map(({ partition, key, value }) => ({
      topic,
      partition,
      ...(key && { key: Buffer.from(key) }),
      value: Buffer.from(value ?? []),
    }));
  for (let sent = 0; sent < count; sent += PER_SEND) await producer.send({ messages: messages() });
  await producer.close();
}

async function consumeByFetch(reader: EventLog, topic: string): Promise<void> {
  await Promise.all(
    Array.from({ length: PARTITIONS }, async (_, partition) => {
      for (let next = 0; ; ) {
        const { nextOffset, endOffset } = await reader.fetch(topic, partition, next, { maxBytes: FETCH_BYTES });
        next = nextOffset;
        if (next >= endOffset) return;
      }
    }),
  );
}

async function consumeByKafkajs(topic: string, count: number): Promise<void> {
  const consumer = kafka.consumer({ groupId: randomUUID(), maxWaitTimeInMs: 100, maxBytesPerPartition: FETCH_BYTES });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  let seen = 0;
  const all = Promise.withResolvers<void>();
  await consumer.run({
    partitionsConsumedConcurrently: 3,
    autoCommit: false,
    async eachBatch({ batch: { messages, partition, highWatermark } }) {
      const endOffset = Number(highWatermark);
      const position = {
        topic,
        partition,
        nextOffset: Number(messages.at(-1)?.offset) + 1,
        endOffset,
        readThroughMs: 0,
      };
      const packed = packBatch(
        position,
        messages.map(({ offset, timestamp, key, value }) => ({
          offset: Number(offset),
          appendTimeMs: Number(timestamp),
          key,
          value,
        })),
      );
      seen += packed.count;
      if (seen >= count) all.resolve();
    },
  });
  await all.promise;
  await consumer.disconnect();
}

async function consumeByPlatformatic(topic: string, count: number): Promise<void> {
  const consumer = new Consumer({
    clientId: 'bench',
    groupId: randomUUID(),
    bootstrapBrokers: brokers,
    maxBytes: FETCH_BYTES,
    maxWaitTime: 100,
  });
  const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.EARLIEST, highWaterMark: 8_192 });
  let seen = 0;
  for await (const _ of stream) {
    seen += 1;
    if (seen >= count) break;
  }
  await consumer.close(true);
}

async function singles(topic: string, count: number): Promise<void> {
  for (let done = 0; done < count; done += 500) {
    await Promise.all(Array.from({ length: 500 }, (_, i) => log.append(topic, send.slice(i, i + 1))));
  }
}

try {
  const produced = Math.round(records / 3);
  await withLog({ compression: 'none' }, async (one) => {
    await appendThrough(one, await newTopic(), 60_000); // warms the broker too
    return { recordsPerSecond: 0, recordsPerCpuSecond: 0 };
  });
  const produce: Record<string, Rate> = {};
  for (const compression of ['none', 'lz4', 'zstd', 'gzip'] as const) {
    const topic = await newTopic();
    produce[`log.append (kafkajs), ${compression}`] = await withLog({ compression }, (one) =>
      rateOf(produced, () => appendThrough(one, topic, produced)),
    );
  }
  const plain = await newTopic();
  produce['@platformatic/kafka, none'] = await rateOf(records, () => produceByPlatformatic(plain, records));
  const singleTopic = await newTopic();
  produce['log.append, single records, 500 at once'] = await rateOf(20_000, () => singles(singleTopic, 20_000));

  const consume: Record<string, Rate> = {};
  for (const round of [1, 2]) {
    consume[`log.fetch #${round}`] = await withLog({}, (one) => rateOf(records, () => consumeByFetch(one, plain)));
    consume[`log.fetch without checksums #${round}`] = await withLog({ checkCrc: false }, (one) =>
      rateOf(records, () => consumeByFetch(one, plain)),
    );
    consume[`kafkajs eachBatch, packed #${round}`] = await rateOf(records, () => consumeByKafkajs(plain, records));
    consume[`@platformatic/kafka stream, unpacked #${round}`] = await rateOf(records, () =>
      consumeByPlatformatic(plain, records),
    );
  }
  process.stdout.write(`${JSON.stringify({ bench: 'kafka-log', records, valueBytes: 234, produce, consume })}\n`);
} finally {
  await log.close();
  await home?.remove();
}
