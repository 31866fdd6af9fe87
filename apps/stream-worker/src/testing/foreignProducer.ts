import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import avro from 'avsc';
import kafkajs, { type ICustomPartitioner, type KafkaConfig } from 'kafkajs';
import { inject } from 'vitest';

/** librdkafka's default, `consistent_random`: CRC-32 of the key modulo the partitions; without a key anywhere. */
export const librdkafkaDefault: ICustomPartitioner =
  () =>
  ({ partitionMetadata, message }) =>
    message.key ? crc32(message.key) % partitionMetadata.length : 0;

/** Java's, by a library that is none of ours: murmur2 of the key. */
export const javaDefault: ICustomPartitioner = kafkajs.Partitioners.DefaultPartitioner;

export interface ForeignRecord {
  readonly key: string | null;
  readonly value: Buffer | null;
}

/** Without encryption and sign-in, where everybody may do everything. */
function openListener(): KafkaConfig {
  return { brokers: [...inject('engines').kafka.brokers] };
}

/** Over TLS with SCRAM-SHA-512, where ACLs decide: as a principal that has only the rights it was given. */
export function aclListener(): KafkaConfig {
  const { brokers, caFile, service } = inject('engines').kafka.saslSsl;
  const ssl = { ca: [readFileSync(caFile, 'utf8')] };
  return { brokers: [...brokers], ssl, sasl: { mechanism: 'scram-sha-512', ...service }, retry: { retries: 1 } };
}

/** Gives that principal what a producer's has: Write and Describe on one topic. */
export async function grantProducer(topic: string): Promise<void> {
  const admin = new kafkajs.Kafka({ ...openListener(), logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
  await admin.createAcls({
    acl: [AclOperationTypes.WRITE, AclOperationTypes.DESCRIBE].map((operation) => ({
      resourceType: AclResourceTypes.TOPIC,
      resourceName: topic,
      resourcePatternType: ResourcePatternTypes.LITERAL,
      principal: `User:${inject('engines').kafka.saslSsl.service.username}`,
      host: '*',
      operation,
      permissionType: AclPermissionTypes.ALLOW,
    })),
  });
  await admin.disconnect();
}

/** A producer that shares no code with the product. Records of one call go one after the other. */
export async function openForeignProducer(
  topic: string,
  createPartitioner: ICustomPartitioner = javaDefault,
  listener: KafkaConfig = openListener(),
) {
  const { NOTHING } = kafkajs.logLevel;
  const kafka = new kafkajs.Kafka({ ...listener, clientId: 'foreign', logLevel: NOTHING });
  const producer = kafka.producer({ createPartitioner, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect().catch(async (error: unknown) => {
    await producer.disconnect();
    throw error;
  });
  return {
    /** Resolves with where the record is, when all in-sync replicas have it. */
    async send(record: ForeignRecord): Promise<{ readonly partition: number; readonly offset: number }> {
      const compression = kafkajs.CompressionTypes.GZIP;
      const [answer] = await producer.send({ topic, acks: -1, compression, messages: [record] });
      return { partition: answer?.partition ?? -1, offset: Number(answer?.baseOffset ?? -1) };
    },
    close: () => producer.disconnect(),
    [Symbol.asyncDispose]: () => producer.disconnect(),
  };
}

/** Fields of an event; what is missing has the schema's kind of nothing. */
export interface ForeignEvent {
  readonly workspace_id: string;
  readonly user_id: string;
  readonly [field: string]: unknown;
}

/** The event in Confluent's wire format, encoded by avsc after any version of the schema. */
export function wireValue(schema: object, schemaId: number, { metadata, ...event }: ForeignEvent): Buffer {
  const body = {
    id: randomUUID(),
    action: 'view',
    timestamp: Date.now(),
    location: '',
    pseudonym: null,
    ...event,
    metadata: {
      platform: 'web',
      item_id: null,
      amount: null,
      currency: null,
      email: null,
      payment_hash: null,
      extra: {},
      ...(typeof metadata === 'object' ? metadata : {}),
    },
  };
  // avsc's own type of schemas wants literals; it also changes what it is given.
  const type = avro.Type.forSchema(structuredClone(schema) as avro.Schema);
  return Buffer.concat([wireHeader(schemaId), type.toBuffer(body)]);
}

/** A zero byte and the id of the schema. */
export function wireHeader(schemaId: number): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(schemaId, 1);
  return header;
}
