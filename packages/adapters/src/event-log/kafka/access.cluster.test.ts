import { readFileSync } from 'node:fs';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf } from '../../testing/codeOf.ts';
import { type Credentials, engines } from '../../testing/engines.ts';
import { record, topicSpec, valuesOf } from '../conformance/logUnderTest.ts';
import { type KafkaEventLogOptions, openKafkaEventLog } from './index.ts';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
type Operation = keyof typeof AclOperationTypes;

function signedIn({ username, password }: Credentials): KafkaEventLogOptions {
  const { brokers, caFile } = engines().kafka.saslSsl;
  return {
    brokers,
    clientId: username,
    tls: { ca: readFileSync(caFile, 'utf8') },
    sasl: { mechanism: 'scram-sha-512', username, password },
  };
}

let admin: kafkajs.Admin;
beforeAll(async () => {
  const { brokers } = engines().kafka;
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING });
  admin = kafka.admin();
  await admin.connect();
});
afterAll(() => admin.disconnect());

/** Gives the service these rights on one topic. */
async function grant(topic: string, operations: readonly Operation[]): Promise<void> {
  const principal = `User:${engines().kafka.saslSsl.service.username}`;
  await admin.createAcls({
    acl: operations.map((operation) => ({
      resourceType: AclResourceTypes.TOPIC,
      resourceName: topic,
      resourcePatternType: ResourcePatternTypes.LITERAL,
      principal,
      host: '*',
      operation: AclOperationTypes[operation],
      permissionType: AclPermissionTypes.ALLOW,
    })),
  });
}

test('over TLS and SCRAM-SHA-512 the log works as in the clear', async () => {
  const log = await openKafkaEventLog(signedIn(engines().kafka.saslSsl.admin));
  const spec = topicSpec(2);
  await log.createTopic(spec);
  await log.append(spec.name, [record(1, 'k', 'v')]);
  expect(valuesOf(await log.fetch(spec.name, 1, 0))).toEqual(['v']);
  await log.close();
});

test('a wrong password is a `configuration` fault that no repetition heals', async () => {
  const { admin: known } = engines().kafka.saslSsl;
  const opening = openKafkaEventLog(signedIn({ ...known, password: 'wrong' }));
  await expect(opening).rejects.toMatchObject({ code: 'configuration', retryable: false });
  await expect(opening).rejects.not.toThrow(/wrong/);
});

test('a certificate of an unknown authority is a `configuration` fault', async () => {
  const { tls: _, ...rest } = signedIn(engines().kafka.saslSsl.admin);
  await expect(openKafkaEventLog({ ...rest, tls: {} })).rejects.toMatchObject({ code: 'configuration' });
});

test('without rights everything about a topic is `forbidden`, and says so', async () => {
  const spec = topicSpec(1);
  const owner = await openKafkaEventLog(signedIn(engines().kafka.saslSsl.admin));
  await owner.createTopic(spec);
  const log = await openKafkaEventLog(signedIn(engines().kafka.saslSsl.service));
  for (const call of [
    () => log.createTopic(spec),
    () => log.partitionCount(spec.name),
    () => log.append(spec.name, [record(0, 'k', 'v')]),
    () => log.fetch(spec.name, 0, 0),
    () => log.offsets(spec.name, 0),
  ]) {
    await expect(call()).rejects.toMatchObject({ code: 'forbidden', retryable: false });
  }
  await Promise.all([owner.close(), log.close()]);
});

test('a reader needs Read, a writer Write, who makes topics Create, DescribeConfigs and AlterConfigs', async () => {
  const log = await openKafkaEventLog(signedIn(engines().kafka.saslSsl.service));
  const spec = topicSpec(1);
  await grant(spec.name, ['CREATE', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS']);
  await expect.poll(() => codeOf(log.createTopic(spec)), { timeout: 20_000 }).toBe('ok');
  expect(await codeOf(log.createTopic({ ...spec, retentionMs: 1_000_000 }))).toBe('ok');
  expect(await codeOf(log.append(spec.name, [record(0, 'k', 'v')]))).toBe('forbidden');
  expect(await codeOf(log.fetch(spec.name, 0, 0))).toBe('forbidden');
  await grant(spec.name, ['WRITE']);
  await expect.poll(() => codeOf(log.append(spec.name, [record(0, 'k', 'v')])), { timeout: 20_000 }).toBe('ok');
  await grant(spec.name, ['READ']);
  await expect.poll(() => codeOf(log.fetch(spec.name, 0, 0)), { timeout: 20_000 }).toBe('ok');
  await log.close();
});
