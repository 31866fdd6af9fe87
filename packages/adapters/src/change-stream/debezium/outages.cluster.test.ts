import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChangeStream } from '@ebap/pipeline/ports';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeThrowawayCluster, type ThrowawayCluster } from '../../../../../stack/cluster/throwawayCluster.ts';
import { type ChangeRecord, historyOf, streaming } from '../conformance.ts';
import { addCountedPerson, type CountedPerson, expectNoGap } from '../testing/countedPerson.ts';
import { type Fixture, fixture, PASSWORD } from './testing/fixture.ts';
import { patiently } from './testing/patiently.ts';

/** Engines of its own: it stops and kills them. */
let engines: ThrowawayCluster;
let made: Fixture;
let stream: ChangeStream;
let ann: CountedPerson;
beforeAll(async () => {
  const log = { step: <Result>(_: string, work: () => Promise<Result>) => work() };
  engines = await makeThrowawayCluster(process.env, log, { engines: ['source', 'kafka', 'connect'] });
  await engines.cluster.start();
}, 300_000);
afterAll(() => engines.remove(), 120_000);
beforeEach(async () => {
  made = await fixture(4, engines.cluster.addresses);
  stream = made.open();
  ann = await addCountedPerson(made, (condition, what) =>
    patiently(condition, () => `${what}; ${JSON.stringify(stream.status())}`),
  );
});
afterEach(async () => {
  await stream.stop();
  await made.dispose();
});

const isStreaming = (): Promise<void> =>
  patiently(
    () => stream.status().state === 'streaming',
    () => JSON.stringify(stream.status()),
  );

/** A position after the snapshot is stored, so that no second one is taken. */
const hasPosition = async (): Promise<boolean> => {
  const stored = JSON.stringify(await made.connector('/offsets'));
  return stored.includes('"lsn"') && !stored.includes('"snapshot"');
};

/** Writes version after version until it is told to stop; answers with the last one. */
function writing(from: number): { version: () => number; stop(): Promise<number> } {
  let version = from;
  let isOver = false;
  const done = (async () => {
    while (!isOver) await ann.setVersion(++version);
  })();
  // Whoever stops it hears of a fault.
  done.catch(() => {});
  return {
    version: () => version,
    async stop() {
      isOver = true;
      await done;
      return version;
    },
  };
}

const kept = (records: readonly ChangeRecord[]): string[] =>
  historyOf(records, 'demo:ann', 'country').filter((change) => change.startsWith('r'));

test.each(['stopped', 'killed'] as const)(
  'Kafka Connect %s under load: nothing lost, nothing out of order, and the status says it',
  async (how) => {
    await stream.start();
    await streaming(stream);
    await ann.setVersion(1);
    await patiently(hasPosition, () => 'the position');
    const connect = engines.cluster.engine('connect');
    let version = 1;
    for (let round = 0; round < (how === 'killed' ? 2 : 1); round++) {
      const writer = writing(version);
      await patiently(
        () => writer.version() > version + 50,
        () => 'changes to interrupt',
      );
      await (how === 'killed' ? connect.kill() : connect.stop());
      await patiently(
        () => stream.status().state === 'starting',
        () => 'noticing',
      );
      expect(stream.status().lastError).toContain('Kafka Connect at');
      version = await writer.stop();
      await connect.start();
      await isStreaming();
    }
    await ann.setVersion(++version);
    const records = await ann.arrived(version);
    expectNoGap(records, version);
    expect(kept(records)).toEqual(['r 0']);
  },
  240_000,
);

test('a source that crashed under load: nothing lost, nothing out of order, and it recovers by itself', async () => {
  await stream.start();
  await streaming(stream);
  await ann.setVersion(1);
  await patiently(hasPosition, () => 'the position');
  const source = engines.cluster.engine('source');
  const writer = writing(1);
  const ended = writer.stop.bind(writer);
  await patiently(
    () => writer.version() > 50,
    () => 'changes to interrupt',
  );
  await source.kill();
  await ended().catch(() => {});
  await patiently(
    () => stream.status().state === 'starting',
    () => 'noticing',
  );
  expect(stream.status().lastError).toContain('Postgres failed');
  await source.start();
  await isStreaming();
  // The last write may have been committed without an answer.
  const [row] = await made.sql(`SELECT country FROM users WHERE user_id = 'ann'`);
  const version = Number(row?.country) + 1;
  await ann.setVersion(version);
  expectNoGap(await ann.arrived(version), version);
}, 240_000);

test('a task that fails is shown with its reason, and started again until it runs', async () => {
  await stream.start();
  await streaming(stream);
  const { topic } = made.options;
  await setTopic(topic, [...COMPACTED, { name: 'max.message.bytes', value: '100' }]);
  await ann.setVersion(1);
  await expectReason(/too large|larger/i);
  expect(stream.status().state).toBe('failed');
  await setTopic(topic, COMPACTED);
  await isStreaming();
  expectNoGap(await ann.arrived(1), 1);
}, 240_000);

const COMPACTED = [
  { name: 'cleanup.policy', value: 'compact' },
  { name: 'message.timestamp.type', value: 'LogAppendTime' },
];

async function setTopic(name: string, configEntries: { name: string; value: string }[]): Promise<void> {
  const { brokers } = engines.cluster.addresses.kafka;
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name, configEntries }],
  });
  await admin.disconnect();
}

const expectReason = (reason: RegExp): Promise<void> =>
  patiently(
    () => reason.test(stream.status().lastError ?? ''),
    () => `${reason}; ${JSON.stringify(stream.status())}`,
  );

describe('a new snapshot', () => {
  beforeEach(async () => {
    await made.sql(`INSERT INTO users (workspace_id, user_id) VALUES ('demo', 'gone')`);
    await stream.start();
    await streaming(stream);
    await patiently(hasPosition, () => 'the position');
  });

  /** What the topic says after the slot was gone while `gone` was deleted and `ann` got version 1. */
  async function expectAllTold(): Promise<void> {
    const records = await ann.arrived(1);
    expect(historyOf(records, 'demo:gone', 'user_id')).toEqual(['r gone', 'd -', 'tombstone']);
    const gone = records.find(({ key, value }) => key === 'demo:gone' && value?.op === 'd');
    expect(gone?.value).toMatchObject({
      before: { log_key: 'demo:gone' },
      source: { table: 'users', name: made.name },
    });
    expect(kept(records)).toEqual(['r 0', 'r 1']);
    await isStreaming();
    await ann.setVersion(2);
    await ann.arrived(2);
  }

  test('follows a slot that somebody dropped, and tells what has gone meanwhile', async () => {
    await dropSlot();
    await made.sql(`DELETE FROM users WHERE user_id = 'gone'`);
    await ann.setVersion(1);
    await expectReason(/has no such slot any more .* new snapshot/);
    await expectAllTold();
  }, 240_000);

  test('follows a publication that was missing for a while: changes then were not published', async () => {
    await made.sql('ALTER PUBLICATION ebap_cdc_users RENAME TO elsewhere');
    await expectReason(/no publication ebap_cdc_users/);
    expect(stream.status().state).toBe('failed');
    await made.sql(`DELETE FROM users WHERE user_id = 'gone'`);
    await ann.setVersion(1);
    await made.sql('ALTER PUBLICATION elsewhere RENAME TO ebap_cdc_users');
    await expectReason(/without its publication .* new snapshot/);
    await expectAllTold();
  }, 240_000);

  test('follows a slot that the source gave up', async () => {
    const connect = engines.cluster.engine('connect');
    await connect.kill();
    await made.sql(`ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'`);
    await made.sql('SELECT pg_reload_conf()');
    await made.sql(`DELETE FROM users WHERE user_id = 'gone'`);
    await ann.setVersion(1);
    await made.sql('CREATE TABLE bulk (v text)');
    const isLost = async (): Promise<boolean> => {
      await made.sql(`INSERT INTO bulk SELECT repeat('x', 1000) FROM generate_series(1, 16000)`);
      await made.sql('SELECT pg_switch_wal()');
      await made.sql('CHECKPOINT');
      const [slot] = await made.sql('SELECT wal_status FROM pg_replication_slots WHERE slot_name = $1', [made.name]);
      return slot?.wal_status === 'lost';
    };
    await patiently(isLost, () => 'the loss');
    await made.sql('ALTER SYSTEM RESET max_slot_wal_keep_size');
    await made.sql('SELECT pg_reload_conf()');
    await connect.start();
    await expectReason(/dropped write-ahead log .* new snapshot/);
    await expectAllTold();
  }, 240_000);
});

/** As an administrator would: what streams from it is ended first, and comes back at once. */
async function dropSlot(): Promise<void> {
  await patiently(
    async () => {
      await made.sql('SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1', [
        made.name,
      ]);
      return made.sql('SELECT pg_drop_replication_slot($1)', [made.name]).then(
        () => true,
        () => false,
      );
    },
    () => 'the slot',
  );
}

test('a password that is given by reference is not in the configuration that Connect keeps', async () => {
  const dir = engines.cluster.addresses.connectSecretsDir;
  await writeFile(join(dir, 'source-password'), PASSWORD);
  stream = made.open({ fromConnect: { password: `\${directory:${dir}:source-password}` } });
  await stream.start();
  await streaming(stream);
  await ann.setVersion(1);
  await ann.arrived(1);
  expect(JSON.stringify(await made.connector('/config'))).not.toContain(JSON.stringify(PASSWORD).slice(1, -1));
});
