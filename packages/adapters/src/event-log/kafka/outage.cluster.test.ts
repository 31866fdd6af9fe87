import { randomUUID } from 'node:crypto';
import type { EventLog } from '@ebap/pipeline/ports';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../../../stack/cluster/engines/engine.ts';
import { makeThrowawayCluster, type ThrowawayCluster } from '../../../../../stack/cluster/throwawayCluster.ts';
import { codeOf } from '../../testing/codeOf.ts';
import { record, topicSpec } from '../conformance/logUnderTest.ts';
import { openKafkaEventLog } from './index.ts';
import { BOUND_MS, bounded, expectNothingLost, NumberedWriter } from './testing/numberedWriter.ts';

const QUIET = { step: <Result>(_label: string, work: () => Promise<Result>) => work() };
const A_DAY_MS = 86_400_000;
const QUICK = { requestTimeoutMs: 1_500, patienceMs: 2_500 };

let home: ThrowawayCluster;
let broker: Engine;
let log: EventLog;

beforeAll(async () => {
  home = await makeThrowawayCluster(process.env, QUIET, { engines: ['kafka'] });
  await home.cluster.start();
  broker = home.cluster.engine('kafka');
  log = await openKafkaEventLog({ brokers: home.cluster.addresses.kafka.brokers, clientId: 'outage', ...QUICK });
}, 300_000);
afterAll(async () => {
  await log?.close();
  await home?.remove();
}, 60_000);

async function newTopic(): Promise<string> {
  const spec = topicSpec(2);
  await log.createTopic(spec);
  return spec.name;
}

test.each(['stop', 'kill'] as const)(
  '%s and start of the broker amid appends lose nothing acknowledged',
  async (end) => {
    const topic = await newTopic();
    const writer = new NumberedWriter(log, topic);
    for (let round = 0; round < 2; round += 1) {
      await writer.grows(20);
      await broker[end]();
      await broker.start();
    }
    await writer.grows(20);
    await writer.stop();
    expect([...writer.codes].filter((code) => code !== 'unavailable')).toEqual([]);
    await expectNothingLost(log, writer);
  },
  180_000,
);

test('a paused broker has appends answered `unavailable`; resumed, they go on and nothing acknowledged is lost', async () => {
  const topic = await newTopic();
  const writer = new NumberedWriter(log, topic);
  for (let round = 0; round < 2; round += 1) {
    await writer.grows(20);
    writer.codes.clear();
    broker.pause();
    await expect.poll(() => [...writer.codes], { timeout: BOUND_MS }).toEqual(['unavailable']);
    broker.resume();
  }
  await writer.grows(20);
  await writer.stop();
  await expectNothingLost(log, writer);
}, 180_000);

test('a paused broker has fetches answered `unavailable`, and they work again by themselves', async () => {
  const topic = await newTopic();
  await log.append(topic, [record(0, 'k', 'before')]);
  const waiting = codeOf(log.fetch(topic, 0, 1, { maxWaitMs: A_DAY_MS }));
  broker.pause();
  try {
    expect(await bounded(codeOf(log.fetch(topic, 0, 0)))).toBe('unavailable');
    expect(await bounded(codeOf(log.offsets(topic, 0)))).toBe('unavailable');
    expect(await bounded(waiting)).toBe('unavailable');
  } finally {
    broker.resume();
  }
  await expect.poll(() => codeOf(log.fetch(topic, 0, 0)), { timeout: BOUND_MS }).toBe('ok');
});

test('a fetch that waits lives through a restart of the broker', async () => {
  const patient = await openKafkaEventLog({
    brokers: home.cluster.addresses.kafka.brokers,
    clientId: 'patient',
    patienceMs: 60_000,
  });
  const topic = await newTopic();
  const waiting = patient.fetch(topic, 1, 0, { maxWaitMs: A_DAY_MS });
  await log.fetch(topic, 1, 0);
  await broker.stop();
  await broker.start();
  await expect.poll(() => codeOf(log.append(topic, [record(1, 'k', 'after')])), { timeout: BOUND_MS }).toBe('ok');
  expect((await bounded(waiting)).count).toBeGreaterThanOrEqual(1);
  await patient.close();
}, 120_000);

test('without a broker nothing opens, and that is said in time', async () => {
  const brokers = ['127.0.0.1:1'];
  expect(await bounded(codeOf(openKafkaEventLog({ brokers, clientId: randomUUID(), ...QUICK })))).toBe('unavailable');
});
