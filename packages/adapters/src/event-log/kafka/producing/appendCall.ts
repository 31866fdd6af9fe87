import { AppError } from '@ebap/pipeline/errors';
import { type AppendAck, type AppendRecord, TICK_HEADER } from '@ebap/pipeline/ports';
import type { Message } from 'kafkajs';
import { MAX_PARTITION_APPEND_BYTES, MAX_RECORD_BYTES } from '../options.ts';
import { TICK_KEY } from '../records/index.ts';

/** One call of `append`, checked and ready to be sent. */
export interface AppendCall {
  readonly topic: string;
  readonly messages: readonly Message[];
  readonly bytes: number;
  /** By partition number. */
  readonly partitions: ReadonlyMap<number, PartitionShare>;
}

export interface PartitionShare {
  readonly count: number;
  readonly bytes: number;
}

/** Lengths, time and offset of a record on the wire, at most. */
const RECORD_OVERHEAD_BYTES = 32;

/**
 * Checks a call before anything of it is written.
 * @throws AppError `too_large` for a record or a partition's share over the limit, `bad_request` for a partition that
 * is not there: kafkajs would leave such a record out
 */
export function appendCall(topic: string, partitionCount: number, records: readonly AppendRecord[]): AppendCall {
  const partitions = new Map<number, { count: number; bytes: number }>();
  let total = 0;
  for (const record of records) {
    const bytes = checkedBytes(topic, partitionCount, record);
    const share = partitions.get(record.partition);
    if (share === undefined) partitions.set(record.partition, { count: 1, bytes });
    else {
      share.count += 1;
      share.bytes += bytes;
    }
    total += bytes;
  }
  for (const [partition, { bytes }] of partitions) {
    if (bytes > MAX_PARTITION_APPEND_BYTES) throw tooLarge(topic, partition, bytes, MAX_PARTITION_APPEND_BYTES);
  }
  return { topic, messages: records.map(toMessage), bytes: total, partitions };
}

/** What each call of a group gets to know, given what one partition was answered as a whole. */
export function acksOf(
  calls: readonly AppendCall[],
  answered: (topic: string, partition: number) => { readonly baseOffset: number; readonly appendTimeMs: number },
): (readonly AppendAck[])[] {
  const taken = new Map<string, number>();
  return calls.map(({ topic, partitions }) =>
    [...partitions].map(([partition, { count }]) => {
      const { baseOffset, appendTimeMs } = answered(topic, partition);
      const key = `${topic}/${partition}`;
      const before = taken.get(key) ?? 0;
      taken.set(key, before + count);
      return { partition, baseOffset: baseOffset + before, count, appendTimeMs };
    }),
  );
}

function checkedBytes(topic: string, partitionCount: number, record: AppendRecord): number {
  const { partition, key, value, headers } = record;
  if (!Number.isInteger(partition) || partition < 0 || partition >= partitionCount) {
    throw new AppError('bad_request', `${topic} has no partition ${partition}.`, {
      context: { topic, partition, partitions: partitionCount },
    });
  }
  let bytes = (key?.length ?? 0) + (value?.length ?? 0) + RECORD_OVERHEAD_BYTES;
  for (const [name, content] of Object.entries(headers ?? {})) bytes += Buffer.byteLength(name) + content.length + 10;
  if (bytes > MAX_RECORD_BYTES) throw tooLarge(topic, partition, bytes, MAX_RECORD_BYTES);
  return bytes;
}

function tooLarge(topic: string, partition: number, bytes: number, limitBytes: number): AppError {
  return new AppError('too_large', `${bytes} bytes for ${topic}/${partition} exceed the log's limit.`, {
    context: { topic, partition, bytes, limitBytes },
  });
}

function toMessage({ partition, key, value, headers }: AppendRecord): Message {
  const isTick = headers !== undefined && Object.hasOwn(headers, TICK_HEADER);
  return {
    partition,
    key: key === null ? (isTick ? TICK_KEY : null) : asBuffer(key),
    value: value === null ? null : asBuffer(value),
    ...(headers === undefined ? {} : { headers: mapHeaders(headers) }),
  };
}

function mapHeaders(headers: Readonly<Record<string, Uint8Array>>): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(headers).map(([name, content]) => [name, asBuffer(content)]));
}

/** kafkajs turns whatever is no Buffer into text. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
