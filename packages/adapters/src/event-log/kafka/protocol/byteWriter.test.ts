import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteReader } from './byteReader.ts';
import { ByteWriter } from './byteWriter.ts';

const field = fc.oneof(
  fc.record({ kind: fc.constant('int8' as const), value: fc.integer({ min: -128, max: 127 }) }),
  fc.record({ kind: fc.constant('int32' as const), value: fc.integer() }),
  fc.record({ kind: fc.constant('int64' as const), value: fc.maxSafeInteger() }),
  fc.record({ kind: fc.constant('unsignedVarint' as const), value: fc.nat() }),
  fc.record({ kind: fc.constant('compactString' as const), value: fc.string({ maxLength: 300 }) }),
  fc.record({ kind: fc.constant('uuid' as const), value: fc.stringMatching(/^[0-9a-f]{32}$/) }),
);
type Field = typeof field extends fc.Arbitrary<infer F> ? F : never;

function write(writer: ByteWriter, one: Field): void {
  switch (one.kind) {
    case 'compactString':
    case 'uuid':
      writer[one.kind](one.value);
      break;
    default:
      writer[one.kind](one.value);
  }
}

test('whatever was written is read again, however often the buffer grew', () => {
  fc.assert(
    fc.property(fc.array(field, { maxLength: 60 }), fc.integer({ min: 1, max: 64 }), (fields, capacity) => {
      const writer = new ByteWriter(capacity);
      for (const one of fields) write(writer, one);
      const reader = new ByteReader(writer.buffer);
      expect(fields.map(({ kind }) => reader[kind]())).toEqual(fields.map(({ value }) => value));
      expect(reader.position).toBe(writer.buffer.length);
    }),
  );
});

test('an answer that ends too early is `corrupt_data`', () => {
  const reader = new ByteReader(new ByteWriter().int32(7).buffer.subarray(0, 3));
  expect(() => reader.int32()).toThrow(expect.objectContaining({ code: 'corrupt_data' }));
});
