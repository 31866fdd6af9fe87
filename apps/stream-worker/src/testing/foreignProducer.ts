import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import avro from 'avsc';
import kafkajs, { type ICustomPartitioner } from 'kafkajs';
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

/** A producer that shares no code with the product. Records of one call go one after the other. */
export async function openForeignProducer(topic: string, createPartitioner: ICustomPartitioner = javaDefault) {
  const { NOTHING } = kafkajs.logLevel;
  const { brokers } = inject('engines').kafka;
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], clientId: 'foreign', logLevel: NOTHING });
  const producer = kafka.producer({ createPartitioner, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  return {
    /** Resolves with where the record is, when all in-sync replicas have it. */
    async send(record: ForeignRecord): Promise<{ readonly partition: number; readonly offset: number }> {
      const compression = kafkajs.CompressionTypes.GZIP;
      const [answer] = await producer.send({ topic, acks: -1, compression, messages: [record] });
      return { partition: answer?.partition ?? -1, offset: Number(answer?.baseOffset ?? -1) };
    },
    close: () => producer.disconnect(),
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
