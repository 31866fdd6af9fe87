import { kafkaApi } from './api.ts';
import type { ByteReader } from './byteReader.ts';
import { ByteWriter } from './byteWriter.ts';

export interface ListOffsetsRequest {
  readonly of: 'start' | 'end';
  /** Each partition once. */
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
}

export interface ListedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly offset: number;
}

const TIMESTAMPS = { start: -2, end: -1 } as const;
const READ_UNCOMMITTED = 0;
const ANY_EPOCH = -1;

/** ListOffsets, version 9: where partitions start, or their high watermarks. */
export const listOffsetsApi = kafkaApi<ListOffsetsRequest, readonly ListedOffset[]>(2, 9, writeRequest, readResponse);

function writeRequest({ of, topics }: ListOffsetsRequest): ByteWriter {
  const writer = new ByteWriter();
  writer.int32(-1).int8(READ_UNCOMMITTED);
  writer.array(topics, ({ topic, partitions }) => {
    writer.compactString(topic);
    writer.array(partitions, (partition) => writer.int32(partition).int32(ANY_EPOCH).int64(TIMESTAMPS[of]).noTags());
    writer.noTags();
  });
  return writer.noTags();
}

function readResponse(reader: ByteReader): readonly ListedOffset[] {
  reader.int32(); // throttle time
  const topics = reader.array(() => {
    const topic = reader.compactString() ?? '';
    const partitions = reader.array((): ListedOffset => {
      const partition = reader.int32();
      const errorCode = reader.int16();
      reader.int64(); // timestamp
      const offset = reader.int64();
      reader.int32(); // leader epoch
      reader.skipTags();
      return { topic, partition, errorCode, offset };
    });
    reader.skipTags();
    return partitions;
  });
  return topics.flat();
}
