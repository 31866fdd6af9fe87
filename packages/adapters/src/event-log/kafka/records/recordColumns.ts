import { AppError } from '@ebap/pipeline/errors';
import { type LogBatch, type LogHeaders, TICK_HEADER } from '@ebap/pipeline/ports';
import type { RecordSection } from './recordBatches.ts';
import { TICK_KEY } from './ticks.ts';

/** What of a `LogBatch` lies in the records themselves; the rest is told by the answer that they came in. */
export type RecordColumns = Omit<LogBatch, 'topic' | 'partition' | 'nextOffset' | 'endOffset' | 'readThroughMs'>;

/**
 * Decodes records from `fromOffset` on into columns; keys and values stay where they are if all sections share one
 * buffer (nothing was compressed, or all of it as one batch).
 * @throws AppError `corrupt_data` when a record's lengths do not fit together
 */
export function decodeColumns(sections: readonly RecordSection[], fromOffset: number): RecordColumns {
  const joined = inOneBuffer(sections);
  const columns = new ColumnDecoder(joined, fromOffset);
  for (const section of joined) columns.add(section);
  return columns.finish();
}

function inOneBuffer(sections: readonly RecordSection[]): readonly RecordSection[] {
  const first = sections[0];
  if (first === undefined || sections.every(({ bytes }) => bytes === first.bytes)) return sections;
  const bytes = Buffer.allocUnsafe(sections.reduce((sum, { start, end }) => sum + end - start, 0));
  let at = 0;
  return sections.map((section) => {
    const start = at;
    at += section.bytes.copy(bytes, at, section.start, section.end);
    return { ...section, bytes, start, end: at };
  });
}

const NO_BYTES = new Uint8Array(0);

/** The hot loop of every consumer: one pass, nothing allocated per record but headers. */
class ColumnDecoder {
  readonly #bytes: Uint8Array;
  readonly #fromOffset: number;
  readonly #offsets: Float64Array;
  readonly #appendTimesMs: Float64Array;
  readonly #keyStarts: Int32Array;
  readonly #keyEnds: Int32Array;
  readonly #valueStarts: Int32Array;
  readonly #valueEnds: Int32Array;
  readonly #ticks: Uint8Array;
  readonly #headers = new Map<number, LogHeaders>();
  #count = 0;

  constructor(sections: readonly RecordSection[], fromOffset: number) {
    const most = sections.reduce((sum, { count }) => sum + count, 0);
    const { buffer, byteOffset, length } = sections[0]?.bytes ?? NO_BYTES;
    // Not as a Buffer: its `slice` would not copy.
    this.#bytes = new Uint8Array(buffer, byteOffset, length);
    this.#fromOffset = fromOffset;
    this.#offsets = new Float64Array(most);
    this.#appendTimesMs = new Float64Array(most);
    this.#keyStarts = new Int32Array(most);
    this.#keyEnds = new Int32Array(most);
    this.#valueStarts = new Int32Array(most);
    this.#valueEnds = new Int32Array(most);
    this.#ticks = new Uint8Array(most);
  }

  finish(): RecordColumns {
    return {
      count: this.#count,
      offsets: this.#offsets,
      appendTimesMs: this.#appendTimesMs,
      bytes: this.#bytes,
      keyStarts: this.#keyStarts,
      keyEnds: this.#keyEnds,
      valueStarts: this.#valueStarts,
      valueEnds: this.#valueEnds,
      ticks: this.#ticks,
      headers: this.#headers,
    };
  }

  add(section: RecordSection): void {
    const { count, end, baseOffset, baseTimeMs } = section;
    const bytes = this.#bytes;
    position = section.start;
    let index = this.#count;
    for (let i = 0; i < count; i += 1) {
      const length = varint(bytes);
      const recordEnd = position + length;
      if (length < 0 || recordEnd > end) throw damaged(baseOffset, i);
      position += 1; // attributes: unused
      const timeDeltaMs = varint(bytes);
      const offset = baseOffset + varint(bytes);
      if (offset < this.#fromOffset) {
        position = recordEnd;
        continue;
      }
      const keyLength = varint(bytes);
      const keyStart = position;
      if (keyLength > 0) position += keyLength;
      const valueLength = varint(bytes);
      const valueStart = position;
      if (valueLength > 0) position += valueLength;
      this.#offsets[index] = offset;
      this.#appendTimesMs[index] = section.appendTimeMs ?? baseTimeMs + timeDeltaMs;
      this.#keyStarts[index] = keyLength < 0 ? -1 : keyStart;
      this.#keyEnds[index] = keyLength < 0 ? -1 : keyStart + keyLength;
      this.#valueStarts[index] = valueLength < 0 ? -1 : valueStart;
      this.#valueEnds[index] = valueLength < 0 ? -1 : valueStart + valueLength;
      const headers = varint(bytes);
      if (headers !== 0) this.#addHeaders(index, headers, recordEnd);
      if (position !== recordEnd) throw damaged(baseOffset, i);
      index += 1;
    }
    if (position !== end) throw damaged(baseOffset, count);
    this.#count = index;
  }

  #addHeaders(index: number, count: number, recordEnd: number): void {
    const entries: [string, Uint8Array][] = [];
    for (let i = 0; i < count && position < recordEnd; i += 1) {
      const name = this.#headerBytes(recordEnd);
      entries.push([Buffer.from(name.buffer, name.byteOffset, name.length).toString(), this.#headerBytes(recordEnd)]);
    }
    // Of a header that comes again the last one counts, as in Kafka's own `Headers.lastHeader`.
    const headers: LogHeaders = Object.fromEntries(entries);
    this.#headers.set(index, headers);
    if (Object.hasOwn(headers, TICK_HEADER)) this.#markTick(index);
  }

  /** A length and as many bytes; null counts as empty. */
  #headerBytes(recordEnd: number): Uint8Array {
    const start = Math.max(0, varint(this.#bytes)) + position;
    if (start > recordEnd) throw new AppError('corrupt_data', 'A header is longer than its record.');
    const bytes = this.#bytes.subarray(position, start);
    position = start;
    return bytes;
  }

  #markTick(index: number): void {
    this.#ticks[index] = 1;
    const start = this.#keyStarts[index] ?? -1;
    if (start < 0 || !TICK_KEY.equals(this.#bytes.subarray(start, this.#keyEnds[index]))) return;
    this.#keyStarts[index] = -1;
    this.#keyEnds[index] = -1;
  }
}

/** Where the decoder reads. Of the module, not of the object: it moves several times per record. */
let position = 0;

/** A zigzag varint. Past the end it reads zeros: the caller's check of the record's end finds that out. */
function varint(bytes: Uint8Array): number {
  const first = bytes[position++] ?? 0;
  if (first < 0x80) return (first >>> 1) ^ -(first & 1);
  const second = bytes[position++] ?? 0;
  const both = (first & 0x7f) | ((second & 0x7f) << 7);
  if (second < 0x80) return (both >>> 1) ^ -(both & 1);
  return longVarint(bytes, both);
}

function longVarint(bytes: Uint8Array, low: number): number {
  let value = low;
  for (let scale = 2 ** 14; scale < 2 ** 70; scale *= 128) {
    const byte = bytes[position++] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function damaged(baseOffset: number, record: number): AppError {
  return new AppError('corrupt_data', 'A record does not end where it says.', { context: { baseOffset, record } });
}
