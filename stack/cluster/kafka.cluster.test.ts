import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type Admin,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs';
import { afterAll, expect, inject, test } from 'vitest';

const admins: Admin[] = [];

afterAll(() => Promise.all(admins.map((admin) => admin.disconnect())));

/** A client of the listener with sign-in. */
async function signIn(credentials: { username: string; password: string }): Promise<Admin> {
  const { brokers, caFile } = inject('engines').kafka.saslSsl;
  const kafka = new Kafka({
    brokers: [...brokers],
    ssl: { ca: [readFileSync(caFile)] },
    sasl: { mechanism: 'scram-sha-512', ...credentials },
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  admins.push(admin);
  await admin.connect();
  return admin;
}

function makeTopic(admin: Admin, topic: string): Promise<boolean> {
  return admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: 1 }] });
}

test('a wrong password is refused', async () => {
  const { admin } = inject('engines').kafka.saslSsl;
  await expect(signIn({ ...admin, password: 'wrong' })).rejects.toThrow(/invalid credentials/);
  await expect(signIn({ ...admin, username: 'nobody' })).rejects.toThrow(/invalid credentials/);
});

test('a user without rights may do nothing until an ACL grants it', async () => {
  const { admin, service } = inject('engines').kafka.saslSsl;
  const [asAdmin, asService] = await Promise.all([signIn(admin), signIn(service)]);
  const topic = `acl-${randomUUID()}`;
  await expect(makeTopic(asService, topic)).rejects.toMatchObject({ errors: [{ type: 'TOPIC_AUTHORIZATION_FAILED' }] });
  const acl = {
    resourceType: AclResourceTypes.TOPIC,
    resourceName: topic,
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: `User:${service.username}`,
    host: '*',
    operation: AclOperationTypes.CREATE,
    permissionType: AclPermissionTypes.ALLOW,
  };
  await asAdmin.createAcls({ acl: [acl] });
  // A broker learns of it from the log of the cluster.
  await expect.poll(() => makeTopic(asService, topic).catch(() => false), { timeout: 20_000 }).toBe(true);
  await asAdmin.deleteAcls({ filters: [acl] });
  await asAdmin.deleteTopics({ topics: [topic] });
});

test('records carry the time they were appended, and topics are not made by accident', async () => {
  const kafka = new Kafka({
    brokers: [...inject('engines').kafka.brokers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  admins.push(admin);
  await admin.connect();
  const topic = `defaults-${randomUUID()}`;
  const producer = kafka.producer({ allowAutoTopicCreation: true });
  await producer.connect();
  await expect(producer.send({ topic, messages: [{ value: 'x' }] })).rejects.toThrow();
  await producer.disconnect();
  await makeTopic(admin, topic);
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name: topic }] });
  const entries = resources[0]?.configEntries ?? [];
  expect(entries.find(({ configName }) => configName === 'message.timestamp.type')?.configValue).toBe('LogAppendTime');
  await admin.deleteTopics({ topics: [topic] });
});
