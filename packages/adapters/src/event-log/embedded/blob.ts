import { crc32 } from 'node:zlib';
import { type AppendRecord, type LogHeaders, TICK_HEADER } from '@ebap/pipeline/ports';

/**
 * A blob holds consecutive records of one partition, written by one transaction. Little-endian:
 *
 *     0 u32 magic   4 u32 crc32 of [8, end)   8 u16 version  10 u16 flags  12 u32 count
 *    16 f64 base offset  24 f64 last offset  32 f64 append time  40 u32 payload bytes  44 u32 header bytes
 *    48 i32 (key length, value length) per record, -1 = null
 *       u32 offset minus base offset per record, only when SPARSE (some records were compacted away)
 *       payload: key, value, key, value …
 *       headers: u32 record, u16 entries, then per entry u16 name length, name, u32 value length, value
 */
export const BLOB_HEADER_BYTES = 48;
const MAGIC = 0x314c4245;
const VERSION = 1;
export const SPARSE = 1;

export interface BlobHeader {
  readonly count: number;
  readonly sparse: boolean;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly appendTimeMs: number;
  readonly payloadBytes: number;
  readonly headerBytes: number;
}

/** Why a blob can't be trusted. */
export type BlobFault = 'too_short' | 'bad_magic' | 'unknown_version' | 'bad_length' | 'bad_checksum';

type BlobRecord = Pick<AppendRecord, 'key' | 'value' | 'headers'>;

/** Bytes of a record as counted against limits. */
export function recordBytes(record: BlobRecord): number {
  const body = (record.key?.length ?? 0) + (record.value?.length ?? 0);
  return record.headers === undefined ? body : body + headerBlockBytes(record.headers);
}

/** Packs records; offsets and append time are put in by {@link sealBlob}. `deltas`: sparse offsets, for compaction. */
export function encodeBlob(records: readonly BlobRecord[], deltas?: Uint32Array): Buffer {
  const count = records.length;
  let payloadBytes = 0;
  let headerBytes = 0;
  for (const record of records) {
    payloadBytes += (record.key?.length ?? 0) + (record.value?.length ?? 0);
    if (record.headers !== undefined) headerBytes += headerBlockBytes(record.headers);
  }
  const payloadStart = payloadOffset(count, deltas !== undefined);
  const blob = Buffer.allocUnsafeSlow(payloadStart + payloadBytes + headerBytes);
  blob.writeUInt32LE(MAGIC, 0);
  blob.writeUInt16LE(VERSION, 8);
  blob.writeUInt16LE(deltas === undefined ? 0 : SPARSE, 10);
  blob.writeUInt32LE(count, 12);
  blob.writeUInt32LE(payloadBytes, 40);
  blob.writeUInt32LE(headerBytes, 44);
  const lengths = new Int32Array(blob.buffer, BLOB_HEADER_BYTES, 2 * count);
  if (deltas !== undefined) new Uint32Array(blob.buffer, BLOB_HEADER_BYTES + 8 * count, count).set(deltas);
  let at = payloadStart;
  let headersAt = payloadStart + payloadBytes;
  for (let i = 0; i < count; i += 1) {
    const record = records[i];
    if (record === undefined) continue;
    lengths[2 * i] = record.key?.length ?? -1;
    lengths[2 * i + 1] = record.value?.length ?? -1;
    if (record.key !== null) {
      blob.set(record.key, at);
      at += record.key.length;
    }
    if (record.value !== null) {
      blob.set(record.value, at);
      at += record.value.length;
    }
    if (record.headers !== undefined) headersAt = writeHeaderBlock(blob, headersAt, i, record.headers);
  }
  return blob;
}

/** Puts position and time into a packed blob and its checksum over everything. */
export function sealBlob(blob: Buffer, baseOffset: number, lastOffset: number, appendTimeMs: number): void {
  blob.writeDoubleLE(baseOffset, 16);
  blob.writeDoubleLE(lastOffset, 24);
  blob.writeDoubleLE(appendTimeMs, 32);
  blob.writeUInt32LE(crc32(blob.subarray(8)), 4);
}

/** Reads a blob's header without trusting the rest. `blob`: exactly its bytes, or a part that holds the header. */
export function peekBlob(blob: Buffer): BlobHeader | BlobFault {
  if (blob.length < BLOB_HEADER_BYTES) return 'too_short';
  if (blob.readUInt32LE(0) !== MAGIC) return 'bad_magic';
  if (blob.readUInt16LE(8) !== VERSION) return 'unknown_version';
  return {
    sparse: (blob.readUInt16LE(10) & SPARSE) !== 0,
    count: blob.readUInt32LE(12),
    baseOffset: blob.readDoubleLE(16),
    lastOffset: blob.readDoubleLE(24),
    appendTimeMs: blob.readDoubleLE(32),
    payloadBytes: blob.readUInt32LE(40),
    headerBytes: blob.readUInt32LE(44),
  };
}

/** Reads and verifies a blob (exactly its bytes). */
export function openBlob(blob: Buffer): BlobHeader | BlobFault {
  const header = peekBlob(blob);
  if (typeof header === 'string') return header;
  if (blobBytes(header) !== blob.length) return 'bad_length';
  if (crc32(blob.subarray(8)) !== blob.readUInt32LE(4)) return 'bad_checksum';
  return header;
}

/** Size of a whole blob. */
export function blobBytes(header: BlobHeader): number {
  return payloadOffset(header.count, header.sparse) + header.payloadBytes + header.headerBytes;
}

/** The records of an opened blob as objects: for maintenance, not for the hot loop. Views into `blob`. */
export function decodeBlob(blob: Buffer, header: BlobHeader): (BlobRecord & { readonly offset: number })[] {
  const headersOf = new Map<number, LogHeaders>();
  readHeaders(blob, header, (record, headers) => headersOf.set(record, headers));
  const slice = (start: number, length: number) => (length < 0 ? null : blob.subarray(start, start + length));
  let at = payloadOffset(header.count, header.sparse);
  return Array.from({ length: header.count }, (_, i) => {
    const lengthsAt = BLOB_HEADER_BYTES + 8 * i;
    const keyLength = blob.readInt32LE(lengthsAt);
    const valueLength = blob.readInt32LE(lengthsAt + 4);
    const valueAt = at + Math.max(0, keyLength);
    const delta = header.sparse ? blob.readUInt32LE(BLOB_HEADER_BYTES + 8 * header.count + 4 * i) : i;
    const record = {
      offset: header.baseOffset + delta,
      key: slice(at, keyLength),
      value: slice(valueAt, valueLength),
      headers: headersOf.get(i),
    };
    at = valueAt + Math.max(0, valueLength);
    return record;
  });
}

/** Where a blob's payload begins, from the blob's start. */
export function payloadOffset(count: number, sparse: boolean): number {
  return BLOB_HEADER_BYTES + (sparse ? 12 : 8) * count;
}

/** Calls back for every record of the blob that has headers. `blob`: exactly its bytes. */
export function readHeaders(
  blob: Buffer,
  header: BlobHeader,
  onHeaders: (record: number, headers: LogHeaders, isTick: boolean) => void,
): void {
  let at = blob.length - header.headerBytes;
  while (at < blob.length) {
    const record = blob.readUInt32LE(at);
    const entries = blob.readUInt16LE(at + 4);
    at += 6;
    const headers: Record<string, Uint8Array> = Object.create(null);
    for (let i = 0; i < entries; i += 1) {
      const nameEnd = at + 2 + blob.readUInt16LE(at);
      const name = blob.toString('utf8', at + 2, nameEnd);
      at = nameEnd + 4 + blob.readUInt32LE(nameEnd);
      headers[name] = new Uint8Array(blob.subarray(nameEnd + 4, at));
    }
    onHeaders(record, headers, TICK_HEADER in headers);
  }
}

function headerBlockBytes(headers: LogHeaders): number {
  let size = 6;
  for (const [name, value] of Object.entries(headers)) size += 6 + Buffer.byteLength(name) + value.length;
  return size;
}

function writeHeaderBlock(blob: Buffer, start: number, record: number, headers: LogHeaders): number {
  const entries = Object.entries(headers);
  let at = blob.writeUInt32LE(record, start);
  at = blob.writeUInt16LE(entries.length, at);
  for (const [name, value] of entries) {
    const nameBytes = blob.write(name, at + 2);
    blob.writeUInt16LE(nameBytes, at);
    at = blob.writeUInt32LE(value.length, at + 2 + nameBytes);
    blob.set(value, at);
    at += value.length;
  }
  return at;
}
