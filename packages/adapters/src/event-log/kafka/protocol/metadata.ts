import { kafkaApi } from './api.ts';
import type { ByteReader } from './byteReader.ts';
import { ByteWriter } from './byteWriter.ts';

export interface BrokerAddress {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

export interface PartitionMetadata {
  readonly partition: number;
  /** -1: nobody leads it at the moment. */
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

export interface TopicMetadata {
  readonly errorCode: number;
  readonly name: string | null;
  /** 32 hexadecimal digits; another one after the topic was deleted and made anew. */
  readonly id: string;
  /** By partition number. */
  readonly partitions: readonly PartitionMetadata[];
}

export interface MetadataResponse {
  readonly brokers: readonly BrokerAddress[];
  readonly clusterId: string | null;
  readonly topics: readonly TopicMetadata[];
}

const NO_ID = '0'.repeat(32);

/** Metadata, version 12: brokers and the named topics. Never creates a topic. */
export const metadataApi = kafkaApi<readonly string[], MetadataResponse>(3, 12, writeRequest, readResponse);

function writeRequest(topics: readonly string[]): ByteWriter {
  const writer = new ByteWriter();
  writer.array(topics, (name) => writer.uuid(NO_ID).compactString(name).noTags());
  return writer.boolean(false).boolean(false).noTags();
}

function readResponse(reader: ByteReader): MetadataResponse {
  reader.int32(); // throttle time
  const brokers = reader.array(() => {
    const broker = { nodeId: reader.int32(), host: reader.compactString() ?? '', port: reader.int32() };
    reader.compactString(); // rack
    reader.skipTags();
    return broker;
  });
  const clusterId = reader.compactString();
  reader.int32(); // controller
  const topics = reader.array(() => readTopic(reader));
  return { brokers, clusterId, topics };
}

function readTopic(reader: ByteReader): TopicMetadata {
  const errorCode = reader.int16();
  const name = reader.compactString();
  const id = reader.uuid();
  reader.int8(); // internal
  const partitions = reader.array(() => readPartition(reader)).sort((a, b) => a.partition - b.partition);
  reader.int32(); // authorized operations
  reader.skipTags();
  return { errorCode, name, id, partitions };
}

function readPartition(reader: ByteReader): PartitionMetadata {
  reader.int16(); // its error shows in the leader too
  const found = { partition: reader.int32(), leaderId: reader.int32(), leaderEpoch: reader.int32() };
  for (let lists = 0; lists < 3; lists += 1) reader.array(() => reader.int32()); // replicas, in sync, offline
  reader.skipTags();
  return found;
}
