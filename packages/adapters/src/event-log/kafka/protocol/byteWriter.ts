/** Writes the flexible encoding of the Kafka protocol into one growing buffer. */
export class ByteWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(capacityBytes = 256) {
    this.#bytes = Buffer.allocUnsafe(capacityBytes);
  }

  /** What was written. */
  get buffer(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  int8(value: number): this {
    const at = this.#grow(1);
    this.#bytes.writeInt8(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.#grow(4);
    this.#bytes.writeInt32BE(value, at);
    return this;
  }

  /** Exact up to 2^53. */
  int64(value: number): this {
    const at = this.#grow(8);
    this.#bytes.writeBigInt64BE(BigInt(value), at);
    return this;
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  /** 32 hexadecimal digits. */
  uuid(hex: string): this {
    const at = this.#grow(16);
    this.#bytes.write(hex, at, 'hex');
    return this;
  }

  unsignedVarint(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      this.int8((rest & 0x7f) - 0x80);
      rest >>>= 7;
    }
    return this.int8(rest);
  }

  compactString(text: string): this {
    const size = Buffer.byteLength(text);
    this.unsignedVarint(size + 1);
    const at = this.#grow(size);
    this.#bytes.write(text, at, 'utf8');
    return this;
  }

  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.unsignedVarint(items.length + 1);
    for (const item of items) write(item);
    return this;
  }

  noTags(): this {
    return this.unsignedVarint(0);
  }

  /** Makes room, possibly in another buffer; returns where to write. */
  #grow(bytes: number): number {
    const start = this.#length;
    this.#length += bytes;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, start);
      this.#bytes = larger;
    }
    return start;
  }
}
