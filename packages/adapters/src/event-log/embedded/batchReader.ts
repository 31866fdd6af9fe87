import { AppError } from '@ebap/pipeline/errors';
import type { LogBatch, LogHeaders } from '@ebap/pipeline/ports';
import { BLOB_HEADER_BYTES, type BlobHeader, blobBytes, openBlob, payloadOffset, readHeaders } from './blob.ts';
import { blobKey, type LogTables, lastOffsetOfKey, type PartitionHead } from './tables.ts';

/** A verified blob inside the arena. */
interface Segment extends BlobHeader {
  /** Where the blob begins in the arena. */
  readonly at: number;
  readonly bytes: Buffer;
}

/** The blobs of one read, in memory of their own (the store reuses its buffer for every value it hands out). */
class Arena {
  bytes: Buffer;
  #end = 0;

  constructor(sizeBytes: number) {
    this.bytes = Buffer.allocUnsafeSlow(sizeBytes);
  }

  /** Copies `blob` in at a multiple of 8 and returns its start. */
  add(blob: Buffer): number {
    const at = (this.#end + 7) & ~7;
    this.#end = at + blob.length;
    if (this.#end > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(this.#end, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, at));
      this.bytes = grown;
    }
    this.bytes.set(blob.subarray(0, blob.length), at);
    return at;
  }

  get sizeBytes(): number {
    return this.#end;
  }
}

export interface ReadRequest {
  readonly topic: string;
  readonly topicId: number;
  readonly partition: number;
  readonly fromOffset: number;
  readonly maxBytes: number;
}

const SMALLEST_ARENA_BYTES = 8 * 1024;

/** Reads runs of records as columnar batches; the log's hot loop. */
export class BatchReader {
  readonly #tables: LogTables;
  /** Size of the last read of each partition, the best guess for the next one. */
  readonly #usualBytes = new Map<string, number>();

  constructor(tables: LogTables) {
    this.#tables = tables;
  }

  /**
   * Everything from `fromOffset` on, up to about `maxBytes` (at least one record if there is one), of the current
   * snapshot. A corrupt blob ends the batch before it; when it is the first, it throws.
   * @throws AppError `offset_out_of_range`, `corrupt_data`.
   */
  read(request: ReadRequest): LogBatch {
    const head = this.#tables.head(request.topicId, request.partition);
    assertInRange(request, head);
    const partitionName = `${request.topicId}/${request.partition}`;
    const usualBytes = this.#usualBytes.get(partitionName) ?? SMALLEST_ARENA_BYTES;
    const arena = new Arena(request.fromOffset === head.endOffset ? 0 : usualBytes);
    const segments: BlobHeader[] = [];
    const starts: number[] = [];
    const next = this.#collect(request, head, arena, segments, starts);
    if (arena.sizeBytes > 0) this.#usualBytes.set(partitionName, roomFor(arena.sizeBytes));
    const placed = segments.map((segment, i) => place(segment, arena.bytes, starts[i] ?? 0));
    const logTimeMs = this.#tables.time().appendTimeMs;
    return decode(request, head, placed, arena.bytes, next ?? logTimeMs + 1);
  }

  /** Copies blobs into the arena; returns the append time of the blob after them, if there is one. */
  #collect(
    request: ReadRequest,
    head: PartitionHead,
    arena: Arena,
    segments: BlobHeader[],
    starts: number[],
  ): number | undefined {
    if (request.fromOffset === head.endOffset) return undefined;
    const start = blobKey(request.topicId, request.partition, request.fromOffset);
    const end = blobKey(request.topicId, request.partition, head.endOffset);
    let collectedBytes = 0;
    for (const key of this.#tables.blobs.getKeys({ start, end })) {
      const blob = this.#tables.blobs.getBinaryFast(key);
      if (blob === undefined) continue;
      const at = arena.add(blob);
      const header = openBlob(arena.bytes.subarray(at, at + blob.length));
      const lastOffset = lastOffsetOfKey(key);
      if (typeof header === 'string' || header.lastOffset !== lastOffset) {
        if (segments.length === 0) throw corrupt(request, lastOffset, header);
        return segments.at(-1)?.appendTimeMs;
      }
      if (newestOffset(arena.bytes, at, header) < request.fromOffset) continue;
      if (collectedBytes >= request.maxBytes) return header.appendTimeMs;
      segments.push(header);
      starts.push(at);
      collectedBytes += header.payloadBytes * remainingShare(header, request.fromOffset);
    }
    return undefined;
  }
}

/** Offset of the blob's last record still there: compaction may have taken those after it. */
function newestOffset(arena: Buffer, at: number, header: BlobHeader): number {
  if (!header.sparse) return header.lastOffset;
  return header.baseOffset + arena.readUInt32LE(at + payloadOffset(header.count, true) - 4);
}

/** Share of a blob's records at or after an offset; exact enough to decide whether to read another blob. */
function remainingShare(header: BlobHeader, fromOffset: number): number {
  if (fromOffset <= header.baseOffset) return 1;
  return (header.lastOffset + 1 - fromOffset) / (header.lastOffset + 1 - header.baseOffset);
}

/** An arena for a read like one of `sizeBytes`: growing would copy it and leave the collector both. */
function roomFor(sizeBytes: number): number {
  return Math.max(SMALLEST_ARENA_BYTES, Math.ceil(sizeBytes * 1.125));
}

function place(header: BlobHeader, arena: Buffer, at: number): Segment {
  return { ...header, at, bytes: arena.subarray(at, at + blobBytes(header)) };
}

/** `nextTimeMs`: no record after the segments is older than this. */
function decode(
  request: ReadRequest,
  head: PartitionHead,
  segments: readonly Segment[],
  arena: Buffer,
  nextTimeMs: number,
): LogBatch {
  let capacity = 0;
  for (const segment of segments) capacity += segment.count;
  const columns = new Columns(capacity);
  let readThroughMs = nextTimeMs - 1;
  let nextOffset = request.fromOffset;
  for (const segment of segments) {
    const whole = columns.add(segment, arena, request.fromOffset, request.maxBytes);
    if (!whole) readThroughMs = segment.appendTimeMs - 1;
    if (!whole) break;
  }
  const last = columns.offsets[columns.count - 1];
  if (last !== undefined) nextOffset = last + 1;
  return {
    topic: request.topic,
    partition: request.partition,
    count: columns.count,
    offsets: columns.offsets,
    appendTimesMs: columns.appendTimesMs,
    bytes: arena,
    keyStarts: columns.keyStarts,
    keyEnds: columns.keyEnds,
    valueStarts: columns.valueStarts,
    valueEnds: columns.valueEnds,
    ticks: columns.ticks,
    headers: columns.headers,
    nextOffset,
    endOffset: head.endOffset,
    readThroughMs,
  };
}

class Columns {
  readonly offsets: Float64Array;
  readonly appendTimesMs: Float64Array;
  readonly keyStarts: Int32Array;
  readonly keyEnds: Int32Array;
  readonly valueStarts: Int32Array;
  readonly valueEnds: Int32Array;
  readonly ticks: Uint8Array;
  readonly headers = new Map<number, LogHeaders>();
  count = 0;
  #usedBytes = 0;

  constructor(capacity: number) {
    this.offsets = new Float64Array(capacity);
    this.appendTimesMs = new Float64Array(capacity);
    this.keyStarts = new Int32Array(capacity);
    this.keyEnds = new Int32Array(capacity);
    this.valueStarts = new Int32Array(capacity);
    this.valueEnds = new Int32Array(capacity);
    this.ticks = new Uint8Array(capacity);
  }

  /** Adds a segment's records from `fromOffset` on; false when `maxBytes` were reached before its end. */
  add(segment: Segment, arena: Buffer, fromOffset: number, maxBytes: number): boolean {
    const { count, sparse, baseOffset, appendTimeMs } = segment;
    const lengthsAt = segment.at + BLOB_HEADER_BYTES;
    const lengths = new Int32Array(arena.buffer, lengthsAt, 2 * count);
    const deltas = sparse ? new Uint32Array(arena.buffer, lengthsAt + 8 * count, count) : undefined;
    const { offsets, appendTimesMs, keyStarts, keyEnds, valueStarts, valueEnds } = this;
    const first = this.count;
    let firstRecord = 0;
    let at = segment.at + payloadOffset(count, sparse);
    let used = this.#usedBytes;
    let n = first;
    let i = 0;
    for (; i < count; i += 1) {
      const keyLength = lengths[2 * i] ?? -1;
      const valueLength = lengths[2 * i + 1] ?? -1;
      const keyEnd = keyLength < 0 ? at : at + keyLength;
      const valueEnd = valueLength < 0 ? keyEnd : keyEnd + valueLength;
      const offset = baseOffset + (deltas === undefined ? i : (deltas[i] ?? 0));
      if (offset < fromOffset) {
        at = valueEnd;
        firstRecord = i + 1;
        continue;
      }
      if (used >= maxBytes && n > 0) break;
      offsets[n] = offset;
      appendTimesMs[n] = appendTimeMs;
      keyStarts[n] = keyLength < 0 ? -1 : at;
      keyEnds[n] = keyLength < 0 ? -1 : keyEnd;
      valueStarts[n] = valueLength < 0 ? -1 : keyEnd;
      valueEnds[n] = valueLength < 0 ? -1 : valueEnd;
      used += valueEnd - at;
      at = valueEnd;
      n += 1;
    }
    this.count = n;
    this.#usedBytes = used;
    if (segment.headerBytes > 0) this.#addHeaders(segment, firstRecord, i, first);
    return i === count;
  }

  #addHeaders(segment: Segment, firstRecord: number, endRecord: number, firstIndex: number): void {
    readHeaders(segment.bytes, segment, (record, headers, isTick) => {
      if (record < firstRecord || record >= endRecord) return;
      const index = firstIndex + record - firstRecord;
      this.headers.set(index, headers);
      if (isTick) this.ticks[index] = 1;
    });
  }
}

function assertInRange(request: ReadRequest, head: PartitionHead): void {
  const { fromOffset } = request;
  if (Number.isSafeInteger(fromOffset) && fromOffset >= head.startOffset && fromOffset <= head.endOffset) return;
  const { topic, partition } = request;
  throw new AppError('offset_out_of_range', `Offset ${fromOffset} is outside ${topic}/${partition}.`, {
    context: { topic, partition, offset: fromOffset, start: head.startOffset, end: head.endOffset },
  });
}

function corrupt(request: ReadRequest, lastOffset: number, header: BlobHeader | string): AppError {
  const { topic, partition, fromOffset } = request;
  const fault = typeof header === 'string' ? header : 'wrong_position';
  return new AppError('corrupt_data', `The log blob at ${topic}/${partition}/${fromOffset} is damaged: ${fault}.`, {
    context: { topic, partition, offset: fromOffset, blobLastOffset: lastOffset, fault },
  });
}
