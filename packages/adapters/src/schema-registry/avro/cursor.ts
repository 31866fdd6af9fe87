const FIRST_CAPACITY = 1_024;
/** Of records in records: a schema that contains itself may ask for any number, also without bytes. */
const MOST_NESTED = 256;

/** Reads Avro data at `at` and collects what is written in `out`. A fault sets `bad`, and reading goes no further. */
export class AvroCursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  limit = 0;
  bad = false;
  #out = new Uint8Array(FIRST_CAPACITY);
  #size = 0;
  #depth = 0;

  /** Begins with `bytes[start, end)` and empty output. */
  begin(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.limit = end;
    this.bad = false;
    this.#size = 0;
    this.#depth = 0;
  }

  /** Reads the inside of a record, unless it lies too deep. */
  nested(read: () => void): void {
    if (++this.#depth > MOST_NESTED) this.#fail();
    else read();
    this.#depth--;
  }

  /** What was written; a view that is good until the cursor begins anew. */
  get written(): Uint8Array {
    return this.#out.subarray(0, this.#size);
  }

  /** A zigzag varint within ±2^53. */
  readLong(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      if (this.at >= this.limit) break;
      const byte = this.bytes[this.at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (value > 2 ** 53) break;
        return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      }
      factor *= 128;
    }
    return this.#fail();
  }

  /** A length or index that is not negative; a bad one reads as 0. */
  readSize(): number {
    const size = this.readLong();
    return size < 0 ? this.#fail() : size;
  }

  readFloat(): number {
    const start = this.at;
    this.skip(4);
    return this.bad ? 0 : new DataView(this.bytes.buffer, this.bytes.byteOffset + start, 4).getFloat32(0, true);
  }

  skip(size: number): void {
    if (size > this.limit - this.at) this.#fail();
    else this.at += size;
  }

  /** Copies what lies between `from` and where the cursor is now. */
  copySince(from: number): void {
    this.write(this.bytes.subarray(from, this.at));
  }

  write(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#out.set(bytes, this.#size);
    this.#size += bytes.length;
  }

  writeLong(value: number): void {
    this.#reserve(10);
    let rest = value < 0 ? -value * 2 - 1 : value * 2;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#out[this.#size++] = (rest % 0x80) | 0x80;
    this.#out[this.#size++] = rest;
  }

  writeFloating(value: number, bytes: 4 | 8): void {
    this.#reserve(bytes);
    const view = new DataView(this.#out.buffer, this.#size, bytes);
    if (bytes === 4) view.setFloat32(0, value, true);
    else view.setFloat64(0, value, true);
    this.#size += bytes;
  }

  #reserve(extra: number): void {
    if (this.#size + extra <= this.#out.length) return;
    const grown = new Uint8Array(Math.max(this.#out.length * 2, this.#size + extra));
    grown.set(this.written);
    this.#out = grown;
  }

  #fail(): 0 {
    this.bad = true;
    this.at = this.limit;
    return 0;
  }

  /** Gives up: what was read is not what the schema says. */
  fail(): void {
    this.#fail();
  }
}
