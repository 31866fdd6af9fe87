import { AppError } from '../errors/index.ts';

const utf8 = new TextEncoder();

/** Appends Avro primitives to a growing buffer. Reuse one writer; `take` copies the bytes out and starts anew. */
export class AvroWriter {
  #bytes = new Uint8Array(1024);
  #at = 0;

  #reserve(extra: number): void {
    if (this.#at + extra <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + extra));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#bytes[this.#at++] = value >>> 24;
    this.#bytes[this.#at++] = value >>> 16;
    this.#bytes[this.#at++] = value >>> 8;
    this.#bytes[this.#at++] = value;
  }

  /** Zigzag varint of an integer within ±2^52. */
  long(value: number): void {
    if (!Number.isInteger(value) || !Number.isSafeInteger(value * 2))
      throw new AppError('internal', 'an Avro long must be an integer within 2^52', { context: { value } });
    this.#reserve(10);
    let rest = value < 0 ? -value * 2 - 1 : value * 2;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at++] = rest;
  }

  string(value: string): void {
    this.#reserve(value.length * 3 + 5);
    const size = utf8Length(value);
    this.long(size);
    utf8.encodeInto(value, this.#bytes.subarray(this.#at));
    this.#at += size;
  }

  bytes(value: Uint8Array): void {
    this.long(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** A safe integer as Avro decimal: shortest big-endian two's complement, length-prefixed. */
  decimal(units: number): void {
    if (!Number.isSafeInteger(units)) throw new AppError('internal', 'a decimal must be a safe integer of its unit');
    const out: number[] = [];
    let rest = units;
    do {
      out.unshift(((rest % 256) + 256) % 256);
      rest = Math.floor(rest / 256);
    } while (!((rest === 0 && (out[0] ?? 0) < 128) || (rest === -1 && (out[0] ?? 0) >= 128)));
    this.bytes(Uint8Array.from(out));
  }

  /** Forgets what was written, e.g. before a fault. */
  reset(): void {
    this.#at = 0;
  }

  take(): Uint8Array {
    const copy = this.#bytes.slice(0, this.#at);
    this.#at = 0;
    return copy;
  }
}

function utf8Length(text: string): number {
  let size = text.length;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x80) continue;
    if (c < 0x800) size += 1;
    else if (c >= 0xd800 && c < 0xdc00 && i + 1 < text.length && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      size += 2; // two units become four bytes
      i++;
    } else size += 2; // a lone surrogate becomes U+FFFD: three bytes
  }
  return size;
}
