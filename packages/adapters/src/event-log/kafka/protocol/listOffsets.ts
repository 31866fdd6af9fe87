import { kafkaApi } from './api.ts';
import type { ByteReader } from './byteReader.ts';
import { ByteWriter } from './byteWriter.ts';

export interface ListOffsetsRequest {
  readonly topic: string;
  readonly partition: number;
  readonly of: 'start' | 'end';
}

export interface ListOffsetsResponse {
  readonly errorCode: number;
  readonly offset: number;
}

const TIMESTAMPS = { start: -2, end: -1 } as const;
const READ_UNCOMMITTED = 0;
const ANY_EPOCH = -1;

/** ListOffsets, version 9, of one partition: where it starts, or the high watermark. */
export const listOffsetsApi = kafkaApi<ListOffsetsRequest, ListOffsetsResponse>(2, 9, writeRequest, readResponse);

function writeRequest({ topic, partition, of }: ListOffsetsRequest): ByteWriter {
  const writer = new ByteWriter();
  writer.int32(-1).int8(READ_UNCOMMITTED);
  writer.array([partition], () => {
    writer.compactString(topic);
    writer.array([partition], () => writer.int32(partition).int32(ANY_EPOCH).int64(TIMESTAMPS[of]).noTags());
    writer.noTags();
  });
  return writer.noTags();
}

function readResponse(reader: ByteReader): ListOffsetsResponse {
  reader.int32(); // throttle time
  const topics = reader.array(() => {
    reader.compactString();
    const partitions = reader.array(() => {
      reader.int32(); // partition
      const errorCode = reader.int16();
      reader.int64(); // timestamp
      const offset = reader.int64();
      reader.int32(); // leader epoch
      reader.skipTags();
      return { errorCode, offset };
    });
    reader.skipTags();
    return partitions;
  });
  return topics.flat()[0] ?? { errorCode: -1, offset: -1 };
}
