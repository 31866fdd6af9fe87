import { AppError } from '@ebap/pipeline/errors';
import { crc32c, Reader } from '@platformatic/kafka';
import { unpackRecords } from '../compression.ts';
import { readInt64 } from '../protocol/byteReader.ts';
import type { AbortedTransaction } from '../protocol/fetch.ts';

/** The records of one batch, unpacked and not yet decoded. */
export interface RecordSection {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly baseOffset: number;
  readonly count: number;
  /** Given where the broker set the time (LogAppendTime): that of every record. Else `null`. */
  readonly appendTimeMs: number | null;
  /** What the records' own times are relative to. */
  readonly baseTimeMs: number;
}

export interface ScannedBatches {
  readonly sections: readonly RecordSection[];
  /** Behind the last whole batch; control batches and aborted ones count. `null` if there is none. */
  readonly nextOffset: number | null;
  /** Size of a first batch that is cut off, so that nothing could be read. Else 0. */
  readonly neededBytes: number;
}

/** Where the fields of a record batch (magic 2) are. https://kafka.apache.org/documentation/#recordbatch */
const AT = {
  baseOffset: 0,
  length: 8,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  count: 57,
  records: 61,
} as const;
/** Bytes before what `length` counts. */
const LENGTH_END = 12;
const MAGIC = 2;
const CODEC_BITS = 0b111;
const LOG_APPEND_TIME = 0b1000;
const TRANSACTIONAL = 0b1_0000;
const CONTROL = 0b10_0000;

/**
 * Walks the record batches of one partition's answer: leaves out a last one that is cut off, control batches and
 * batches of aborted transactions, checks and unpacks the others.
 * @throws AppError `corrupt_data` for a checksum, length or codec that can't be, `unsupported_version` for old formats
 */
export function scanBatches(
  records: Buffer,
  aborted: readonly AbortedTransaction[],
  options: { readonly checkCrc: boolean },
): ScannedBatches {
  const sections: RecordSection[] = [];
  const dropped = new AbortedProducers(aborted);
  let nextOffset: number | null = null;
  let at = 0;
  while (records.length - at >= LENGTH_END) {
    const end = at + LENGTH_END + records.readInt32BE(at + AT.length);
    if (end < at + AT.records) throw damaged(`has the length ${end - at}`);
    if (end > records.length) return { sections, nextOffset, neededBytes: nextOffset === null ? end - at : 0 };
    const batch = records.subarray(at, end);
    checkBatch(batch, options.checkCrc);
    const baseOffset = readInt64(batch, AT.baseOffset);
    const lastOffset = baseOffset + batch.readInt32BE(AT.lastOffsetDelta);
    if (!dropped.drops(batch, lastOffset)) sections.push(openSection(records, batch, at, end, baseOffset));
    nextOffset = lastOffset + 1;
    at = end;
  }
  return { sections, nextOffset, neededBytes: 0 };
}

function checkBatch(batch: Buffer, checkCrc: boolean): void {
  const magic = batch.readInt8(AT.magic);
  if (magic !== MAGIC) throw new AppError('unsupported_version', `A record batch has the format ${magic}.`);
  if (checkCrc && checksum(batch.subarray(AT.attributes)) !== batch.readUInt32BE(AT.crc)) {
    throw damaged('has another checksum than its bytes');
  }
}

/** CRC-32C. Given a plain buffer the library's function copies it first: three times the work. */
function checksum(bytes: Buffer): number {
  return crc32c(Reader.from(bytes).buffer);
}

function openSection(records: Buffer, batch: Buffer, at: number, end: number, baseOffset: number): RecordSection {
  const attributes = batch.readInt16BE(AT.attributes);
  const codec = attributes & CODEC_BITS;
  const unpacked = codec === 0 ? null : unpackRecords(codec, batch.subarray(AT.records));
  const count = batch.readInt32BE(AT.count);
  const size = unpacked?.length ?? batch.length - AT.records;
  if (count < 0 || count > size) throw damaged(`claims ${count} records`);
  return {
    bytes: unpacked ?? records,
    start: unpacked === null ? at + AT.records : 0,
    end: unpacked?.length ?? end,
    baseOffset,
    count,
    appendTimeMs: (attributes & LOG_APPEND_TIME) === 0 ? null : readInt64(batch, AT.maxTimestamp),
    baseTimeMs: readInt64(batch, AT.baseTimestamp),
  };
}

/** Which batches are not for readers of committed records (KIP-98). */
class AbortedProducers {
  readonly #pending: AbortedTransaction[];
  readonly #open = new Set<bigint>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#pending = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** Takes the batches in their order. */
  drops(batch: Buffer, lastOffset: number): boolean {
    const attributes = batch.readInt16BE(AT.attributes);
    for (let first = this.#pending[0]; first !== undefined && first.firstOffset <= lastOffset; ) {
      this.#open.add(first.producerId);
      this.#pending.shift();
      first = this.#pending[0];
    }
    if ((attributes & CONTROL) !== 0) {
      // A marker ends its producer's transaction; a commit ends none that is in the list of aborted ones.
      if (this.#open.size > 0) this.#open.delete(batch.readBigInt64BE(AT.producerId));
      return true;
    }
    if (this.#open.size === 0 || (attributes & TRANSACTIONAL) === 0) return false;
    return this.#open.has(batch.readBigInt64BE(AT.producerId));
  }
}

function damaged(how: string): AppError {
  return new AppError('corrupt_data', `A record batch ${how}.`);
}
