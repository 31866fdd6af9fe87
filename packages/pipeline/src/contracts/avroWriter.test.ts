import avro from 'avsc';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AvroWriter } from './avroWriter.ts';

const safe = fc.maxSafeInteger();

function written(write: (writer: AvroWriter) => void): Buffer {
  const writer = new AvroWriter();
  write(writer);
  return Buffer.from(writer.take());
}

describe('the Avro writer', () => {
  test('writes any long within 2^52 as others read it', () => {
    const long = avro.Type.forSchema('long');
    fc.assert(
      fc.property(fc.integer({ min: 1 - 2 ** 52, max: 2 ** 52 - 1 }), (value) => {
        expect(long.fromBuffer(written((w) => w.long(value)))).toBe(value);
      }),
    );
  });

  test('writes any text, also with lone surrogates, as valid UTF-8', () => {
    const string = avro.Type.forSchema('string');
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((c) => String.fromCharCode(c)) }),
        (text) => {
          expect(string.fromBuffer(written((w) => w.string(text)))).toBe(text.toWellFormed());
        },
      ),
    );
  });

  test('writes any safe integer as the shortest two’s complement', () => {
    fc.assert(
      fc.property(safe, (units) => {
        const bytes = written((w) => w.decimal(units));
        const size = (bytes[0] ?? 0) / 2;
        const body = bytes.subarray(1);
        expect(body).toHaveLength(size);
        expect(BigInt.asIntN(size * 8, BigInt(`0x${body.toString('hex')}`))).toBe(BigInt(units));
        if (size > 1) expect(BigInt.asIntN((size - 1) * 8, BigInt(units))).not.toBe(BigInt(units));
      }),
    );
  });

  test('grows as needed and starts anew after each take', () => {
    const writer = new AvroWriter();
    const long = 'ä'.repeat(5_000);
    writer.string(long);
    writer.uint32(0xdeadbeef);
    writer.bytes(new Uint8Array(3_000).fill(7));
    const first = writer.take();
    writer.byte(1);
    expect([...writer.take()]).toEqual([1]);
    expect(new TextDecoder().decode(first.subarray(3, 10_003))).toBe(long);
    expect([...first.subarray(10_003, 10_009)]).toEqual([0xde, 0xad, 0xbe, 0xef, 0xf0, 0x2e]);
  });

  // 2^52 and -(2^52) - 1 would both become the zigzag number 2^53.
  test.each([1.5, Number.NaN, 2 ** 53, 2 ** 52, -(2 ** 52) - 1])('refuses %s as a long', (value) => {
    expect(() => new AvroWriter().long(value)).toThrowError(expect.objectContaining({ code: 'internal' }));
  });

  test.each([1.5, 2 ** 53, -(2 ** 53)])('refuses %s as units of a decimal', (units) => {
    expect(() => new AvroWriter().decimal(units)).toThrowError(expect.objectContaining({ code: 'internal' }));
  });

  test('forgets what was written before a reset', () => {
    const writer = new AvroWriter();
    writer.string('half an event');
    writer.reset();
    writer.byte(1);
    expect([...writer.take()]).toEqual([1]);
  });
});
