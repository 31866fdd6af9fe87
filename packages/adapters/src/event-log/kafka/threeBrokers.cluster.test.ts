import { isAppError } from '@ebap/pipeline/errors';
import type { EventLog } from '@ebap/pipeline/ports';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { describeEventLog, readAll } from '../conformance/index.ts';
import { recordsOf, topicSpec } from '../conformance/logUnderTest.ts';
import { type KafkaEventLogOptions, openKafkaEventLog } from './index.ts';
import { expectNothingLost, NumberedWriter } from './testing/numberedWriter.ts';
import { startThreeBrokers, type ThreeBrokers } from './testing/threeBrokers.ts';

/** A broker that was killed is given up by the controller after its session (9 s); on a busy machine later. */
const FAILED_OVER_WITHIN_MS = 90_000;
const PARTITIONS = 6;

let three: ThreeBrokers;
beforeAll(async () => {
  three = await startThreeBrokers(process.env);
}, 400_000);
afterAll(() => three?.remove(), 60_000);

const optionsOf = (clientId: string): KafkaEventLogOptions => ({
  ...{ brokers: three.brokers, clientId, replicationFactor: 3, minInsyncReplicas: 2 },
});

async function open(clientId: string): Promise<EventLog> {
  const log = await openKafkaEventLog(optionsOf(clientId));
  onTestFinished(() => log.close());
  return log;
}

/** What a partition's reader is given, in the order that it comes; goes on over faults that pass. */
class Reader {
  readonly offsets: number[] = [];
  readonly #end = new AbortController();
  readonly #done: Promise<void>;

  constructor(log: EventLog, topic: string, partition: number) {
    this.#done = this.#run(log, topic, partition);
    this.#done.catch(() => {});
  }

  /** Ends when it has read up to this offset. */
  async stopAt(end: number): Promise<void> {
    await expect.poll(() => (this.offsets.at(-1) ?? -1) + 1, { timeout: FAILED_OVER_WITHIN_MS }).toBe(end);
    this.#end.abort();
    await this.#done;
  }

  async #run(log: EventLog, topic: string, partition: number): Promise<void> {
    for (let next = 0; !this.#end.signal.aborted; ) {
      try {
        const batch = await log.fetch(topic, partition, next, { maxWaitMs: 500 });
        this.offsets.push(...recordsOf(batch).map(({ offset }) => offset));
        next = batch.nextOffset;
      } catch (error) {
        if (!isAppError(error) || !error.retryable) throw error;
      }
    }
  }
}

describeEventLog('Apache Kafka, three brokers', async () => {
  let log = await openKafkaEventLog(optionsOf('conformance'));
  return {
    log,
    tooLargeBytes: 5 * 1024 * 1024,
    async reopen() {
      await log.close();
      log = await openKafkaEventLog(optionsOf('conformance'));
      return log;
    },
    dispose: () => log.close(),
  };
});

describe('one of three brokers', () => {
  test('killed amid appends and fetches: nothing is lost, doubled or out of order, whichever it is', async () => {
    const [writing, reading] = [await open('writing'), await open('reading')];
    const spec = topicSpec(PARTITIONS);
    await writing.createTopic(spec);
    const all = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    const writers = all.map((partition) => new NumberedWriter(writing, spec.name, partition));
    const readers = all.map((partition) => new Reader(reading, spec.name, partition));
    const grow = () => Promise.all(writers.map((writer) => writer.grows(20, FAILED_OVER_WITHIN_MS)));
    await grow();
    for (const engine of three.engines) {
      await engine.kill();
      await grow();
      await engine.start();
      await inSync(spec.name);
    }
    await grow();
    await Promise.all(writers.map((writer) => writer.stop()));
    for (const [partition, writer] of writers.entries()) {
      await expectNothingLost(reading, writer);
      const written = (await readAll(reading, spec.name, partition)).map(({ offset }) => offset);
      const reader = readers[partition];
      await reader?.stopAt((written.at(-1) ?? -1) + 1);
      expect(reader?.offsets).toEqual(written);
    }
    expect(writers.flatMap(({ codes }) => [...codes]).filter((code) => code !== 'unavailable')).toEqual([]);
  }, 600_000);
});

/** All three hold all of the topic: the next one may go. */
async function inSync(topic: string): Promise<void> {
  const admin = new Kafka({ brokers: [...three.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const least = async (): Promise<number> => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return Math.min(...(topics[0]?.partitions ?? []).map(({ isr }) => isr.length));
  };
  try {
    await expect.poll(() => least().catch(() => 0), { timeout: FAILED_OVER_WITHIN_MS, interval: 500 }).toBe(3);
  } finally {
    await admin.disconnect();
  }
}
