import { AppError } from '@ebap/pipeline/errors';

/** Reads the flexible encoding of the Kafka protocol (compact arrays, tagged fields) from one buffer. */
export class ByteReader {
  readonly bytes: Buffer;
  position = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  int8(): number {
    return this.bytes.readInt8(this.#advance(1));
  }

  int16(): number {
    return this.bytes.readInt16BE(this.#advance(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.#advance(4));
  }

  /** An offset, a time or a count: exact up to 2^53. */
  int64(): number {
    return readInt64(this.bytes, this.#advance(8));
  }

  bigInt64(): bigint {
    return this.bytes.readBigInt64BE(this.#advance(8));
  }

  /** 32 hexadecimal digits. */
  uuid(): string {
    const start = this.#advance(16);
    return this.bytes.toString('hex', start, start + 16);
  }

  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes.readUInt8(this.#advance(1));
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw damaged('a number without an end');
  }

  compactString(): string | null {
    const length = this.unsignedVarint() - 1;
    if (length < 0) return null;
    const start = this.#advance(length);
    return this.bytes.toString('utf8', start, start + length);
  }

  /** The bytes of a compact field as a view; empty for null. */
  compactBytes(): Buffer {
    const length = Math.max(0, this.unsignedVarint() - 1);
    const start = this.#advance(length);
    return this.bytes.subarray(start, start + length);
  }

  /** A compact array; null counts as empty. */
  array<T>(read: () => T): T[] {
    const length = this.unsignedVarint() - 1;
    if (length > this.bytes.length) throw damaged(`an array of ${length}`);
    const items: T[] = [];
    for (let i = 0; i < length; i += 1) items.push(read());
    return items;
  }

  skipTags(): void {
    const fields = this.unsignedVarint();
    for (let i = 0; i < fields; i += 1) {
      this.unsignedVarint();
      this.#advance(this.unsignedVarint());
    }
  }

  /** Moves on; returns where it was. */
  #advance(bytes: number): number {
    const start = this.position;
    if (start + bytes > this.bytes.length) throw damaged(`${bytes} bytes missing at ${start}`);
    this.position = start + bytes;
    return start;
  }
}

/** A signed 64-bit integer as a number: exact up to 2^53. */
export function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}

export function damaged(what: string): AppError {
  return new AppError('corrupt_data', `A broker's answer is damaged: ${what}.`);
}
