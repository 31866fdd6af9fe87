import { type API, createAPI, Writer } from '@platformatic/kafka';
import { ByteReader } from './byteReader.ts';
import type { ByteWriter } from './byteWriter.ts';

/** A request of the Kafka protocol in one version, as a value in and a value out: errors of the broker are values. */
export type KafkaApi<Request, Response> = API<[Request], Response>;

/**
 * Makes an API of a key and version (all with flexible headers) from how its request is written and its response read.
 * @see https://kafka.apache.org/protocol
 */
export function kafkaApi<Request, Response>(
  key: number,
  version: number,
  write: (request: Request) => ByteWriter,
  read: (reader: ByteReader) => Response,
): KafkaApi<Request, Response> {
  return createAPI<[Request], Response>(
    key,
    version,
    (request: Request) => Writer.create().append(write(request).buffer),
    (_correlationId, _apiKey, _apiVersion, reader) => read(new ByteReader(reader.buffer.slice(reader.position))),
  );
}
