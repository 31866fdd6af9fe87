import { kafkaApi } from './api.ts';
import type { ByteReader } from './byteReader.ts';
import { ByteWriter } from './byteWriter.ts';

export interface SetTopicConfigRequest {
  readonly topic: string;
  readonly entries: readonly (readonly [name: string, value: string])[];
}

const TOPIC = 2;
const SET = 0;

/** IncrementalAlterConfigs, version 1: sets some entries of one topic and leaves the others. Answers with an error code. */
export const setTopicConfigApi = kafkaApi<SetTopicConfigRequest, number>(44, 1, writeRequest, readResponse);

function writeRequest({ topic, entries }: SetTopicConfigRequest): ByteWriter {
  const writer = new ByteWriter();
  writer.array([topic], () => {
    writer.int8(TOPIC).compactString(topic);
    writer.array(entries, ([name, value]) => writer.compactString(name).int8(SET).compactString(value).noTags());
    writer.noTags();
  });
  return writer.boolean(false).noTags();
}

function readResponse(reader: ByteReader): number {
  reader.int32(); // throttle time
  const codes = reader.array(() => {
    const errorCode = reader.int16();
    reader.compactString(); // message
    reader.int8(); // type
    reader.compactString(); // name
    reader.skipTags();
    return errorCode;
  });
  return codes.find((code) => code !== 0) ?? 0;
}
