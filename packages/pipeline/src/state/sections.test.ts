import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAppError } from '../errors/index.ts';
import {
  type Column,
  decodeSections,
  encodeSections,
  f64,
  requireSection,
  type Section,
  STATE_FORMAT_VERSION,
  u8,
  u32,
} from './index.ts';

const columns: fc.Arbitrary<Column> = fc.oneof(
  fc.uint8Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float64Array({ noNaN: true }),
);
const sections: fc.Arbitrary<readonly Section[]> = fc.uniqueArray(
  fc.record({
    name: fc.string({ unit: 'binary' }).map((s) => s.toWellFormed()),
    // As JSON says it: -0 is 0.
    head: fc.jsonValue().map((v): unknown => JSON.parse(JSON.stringify(v))),
    columns: fc.array(columns, { maxLength: 4 }),
  }),
  { selector: (s) => s.name, maxLength: 5 },
);

const sample = (): Uint8Array =>
  encodeSections([
    { name: 'task', head: { cut: 12, watermarkMs: null }, columns: [] },
    { name: 'keys', head: {}, columns: [new Uint32Array([1, 2, 3]), new Float64Array([0.5, -1]), new Uint8Array([9])] },
  ]);

describe('a state segment', () => {
  test('gives back any sections as they were', () => {
    fc.assert(
      fc.property(sections, (written) => {
        const read = decodeSections(encodeSections(written));
        expect([...read.values()]).toEqual(written);
        expect([...read.keys()]).toEqual(written.map((s) => s.name));
      }),
    );
  });

  test('is the same bytes for the same sections', () => {
    fc.assert(
      fc.property(sections, (written) => {
        expect(encodeSections(written)).toEqual(encodeSections(written));
      }),
    );
  });

  test('gives back columns that do not share memory with its bytes', () => {
    const bytes = sample();
    const keys = requireSection(decodeSections(bytes), 'keys');
    bytes.fill(0);
    expect([...u32(keys, 0)]).toEqual([1, 2, 3]);
    expect([...f64(keys, 1)]).toEqual([0.5, -1]);
  });

  test('is read from the middle of other bytes', () => {
    const bytes = sample();
    const other = new Uint8Array(bytes.length + 24);
    other.set(bytes, 13);
    expect(decodeSections(other.subarray(13, 13 + bytes.length))).toEqual(decodeSections(bytes));
  });

  test('writes columns that are views of larger arrays', () => {
    const view = new Float64Array([1, 2, 3, 4]).subarray(1, 3);
    const read = decodeSections(encodeSections([{ name: 'a', head: null, columns: [view] }]));
    expect([...f64(requireSection(read, 'a'), 0)]).toEqual([2, 3]);
  });

  test('is refused when any single bit is flipped', () => {
    const whole = sample();
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const bytes = whole.slice();
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => decodeSections(bytes)).toThrowError(expect.objectContaining({ name: 'AppError' }));
    }
  });

  test('is refused at any other length', () => {
    const whole = sample();
    for (let length = 0; length < whole.length; length++)
      expect(() => decodeSections(whole.slice(0, length))).toThrowError(
        expect.objectContaining({ code: 'corrupt_data' }),
      );
    expect(() => decodeSections(Uint8Array.from([...whole, 0]))).toThrowError(
      expect.objectContaining({ code: 'corrupt_data' }),
    );
  });

  test('of another format version is refused as unsupported', () => {
    const bytes = sample();
    bytes[7] = STATE_FORMAT_VERSION + 1;
    expect(() => decodeSections(bytes)).toThrowError(expect.objectContaining({ code: 'unsupported_version' }));
  });

  test('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeSections(bytes);
        } catch (error) {
          expect(isAppError(error)).toBe(true);
        }
      }),
    );
  });
});

describe('a section', () => {
  test('that is missing is corrupt data', () => {
    expect(() => requireSection(decodeSections(sample()), 'nobody')).toThrowError(
      expect.objectContaining({ code: 'corrupt_data' }),
    );
  });

  test.each([
    ['of another type', 0],
    ['that does not exist', 9],
  ])('refuses a column %s', (_, index) => {
    const keys = requireSection(decodeSections(sample()), 'keys');
    expect(() => u8(keys, index)).toThrowError(expect.objectContaining({ code: 'corrupt_data' }));
  });
});

/** CRC-32 bit by bit, as its definition says. */
function plainCrc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = (c >>> 1) ^ (c & 1 ? 0xedb88320 : 0);
  }
  return (c ^ 0xffffffff) >>> 0;
}

test('a state segment ends with the CRC-32 of all before it', () => {
  expect(plainCrc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  const bytes = sample();
  const stored = new DataView(bytes.buffer).getUint32(bytes.length - 4);
  expect(stored).toBe(plainCrc32(bytes.subarray(0, -4)));
});
