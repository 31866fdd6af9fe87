import type { BatchRecord } from '@ebap/pipeline/ports';
import { type CompressionAlgorithmValue, crc32c, createRecordsBatch } from '@platformatic/kafka';

export interface StoredBatch {
  readonly baseOffset: number;
  readonly records: readonly Omit<BatchRecord, 'offset'>[];
  readonly compression?: CompressionAlgorithmValue;
  /** Given: the topic has LogAppendTime, and this is the time. Else the records keep their own. */
  readonly appendTimeMs?: number;
  readonly producerId?: bigint;
  readonly transactional?: boolean;
  readonly control?: boolean;
}

const TRANSACTIONAL = 0b1_0000;
const CONTROL = 0b10_0000;
const LOG_APPEND_TIME = 0b1000;

/** A record batch as a broker keeps it, written by another encoder than ours. */
export function storedBatch(batch: StoredBatch): Buffer {
  const { baseOffset, records, compression = 'none', appendTimeMs, producerId = -1n } = batch;
  const written = createRecordsBatch(
    records.map(({ key, value, headers, appendTimeMs: timeMs }) => ({
      topic: 't',
      timestamp: BigInt(timeMs),
      headers: new Map(Object.entries(headers ?? {}).map(([name, bytes]) => [Buffer.from(name), Buffer.from(bytes)])),
      ...(key === null ? {} : { key: Buffer.from(key) }),
      // Null is what it writes for a value that is not there; its type knows none.
      ...({ value: value === null ? null : Buffer.from(value) } as { value: Buffer }),
    })),
    { compression, producerId, producerEpoch: 0 },
  );
  const bytes = Buffer.from(written.buffer);
  bytes.writeBigInt64BE(BigInt(baseOffset), 0);
  let attributes = bytes.readInt16BE(21);
  if (batch.transactional === true || batch.control === true) attributes |= TRANSACTIONAL;
  if (batch.control === true) attributes |= CONTROL;
  if (appendTimeMs !== undefined) {
    attributes |= LOG_APPEND_TIME;
    bytes.writeBigInt64BE(BigInt(appendTimeMs), 35);
  }
  bytes.writeInt16BE(attributes, 21);
  return sealed(bytes);
}

/** The marker that ends a transaction; readers know by the list of aborted ones what it means. */
export function markerBatch(baseOffset: number, producerId: bigint): Buffer {
  const record = { key: new Uint8Array([0, 0, 0, 0]), value: new Uint8Array(6), appendTimeMs: 1 };
  return storedBatch({ baseOffset, producerId, records: [record], control: true });
}

/** With the checksum of what is in it now. */
export function sealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}
