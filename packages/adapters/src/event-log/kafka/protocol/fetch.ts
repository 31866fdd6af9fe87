import { kafkaApi } from './api.ts';
import type { ByteReader } from './byteReader.ts';
import { ByteWriter } from './byteWriter.ts';

export interface FetchPartition {
  /** 32 hexadecimal digits. */
  readonly topicId: string;
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly offset: number;
  readonly maxBytes: number;
}

export interface FetchRequest {
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  /** Each partition once: a broker answers a repeated one once. In the order in which they may fill the answer. */
  readonly partitions: readonly FetchPartition[];
}

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

export interface FetchedPartition {
  readonly topicId: string;
  readonly partition: number;
  readonly errorCode: number;
  /** The next offset to be written, of what all replicas in sync have. */
  readonly highWatermark: number;
  /** Before it, every transaction is decided. Nothing from here on is given to a reader of committed records. */
  readonly lastStableOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  /** Whole record batches, the last one possibly cut off. A view into the answer. */
  readonly records: Buffer;
}

export interface FetchResponse {
  readonly errorCode: number;
  readonly partitions: readonly FetchedPartition[];
}

const READ_COMMITTED = 1;
const NO_SESSION_EPOCH = -1;

/** Fetch, version 17, without a session, of committed records only. Records stay undecoded. */
export const fetchApi = kafkaApi<FetchRequest, FetchResponse>(1, 17, writeRequest, readResponse);

function writeRequest({ maxWaitMs, maxBytes, partitions }: FetchRequest): ByteWriter {
  const writer = new ByteWriter(64 + partitions.length * 56);
  writer.int32(maxWaitMs).int32(1).int32(maxBytes).int8(READ_COMMITTED).int32(0).int32(NO_SESSION_EPOCH);
  writer.array(byTopic(partitions), ([topicId, ofTopic]) => {
    writer.uuid(topicId).array(ofTopic, (one) => {
      writer.int32(one.partition).int32(one.leaderEpoch).int64(one.offset);
      // Neither a last fetched epoch nor a log start: those are for replicas.
      writer.int32(-1).int64(-1).int32(one.maxBytes).noTags();
    });
    writer.noTags();
  });
  writer.array([], () => undefined); // forgotten topics: of a session
  return writer.compactString('').noTags();
}

/** Grouped by topic, in the order in which the topics come first: the broker fills its answer in this order. */
function byTopic(partitions: readonly FetchPartition[]): [topicId: string, of: FetchPartition[]][] {
  const groups = new Map<string, FetchPartition[]>();
  for (const one of partitions) {
    const group = groups.get(one.topicId);
    if (group === undefined) groups.set(one.topicId, [one]);
    else group.push(one);
  }
  return [...groups];
}

function readResponse(reader: ByteReader): FetchResponse {
  reader.int32(); // throttle time
  const errorCode = reader.int16();
  reader.int32(); // session
  const topics = reader.array(() => {
    const topicId = reader.uuid();
    const partitions = reader.array(() => readPartition(reader, topicId));
    reader.skipTags();
    return partitions;
  });
  return { errorCode, partitions: topics.flat() };
}

function readPartition(reader: ByteReader, topicId: string): FetchedPartition {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  const lastStableOffset = reader.int64();
  reader.int64(); // log start
  const aborted = reader.array(() => {
    const transaction = { producerId: reader.bigInt64(), firstOffset: reader.int64() };
    reader.skipTags();
    return transaction;
  });
  reader.int32(); // preferred replica: only of racks
  const records = reader.compactBytes();
  reader.skipTags();
  return { topicId, partition, errorCode, highWatermark, lastStableOffset, aborted, records };
}
