import type { LogHeaders } from '@ebap/pipeline/ports';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBlob, encodeBlob, openBlob, recordBytes, sealBlob } from './blob.ts';

const bytes = fc.uint8Array({ maxLength: 40 });
const headers: fc.Arbitrary<LogHeaders> = fc.dictionary(fc.string({ maxLength: 8 }), bytes, {
  maxKeys: 3,
  noNullPrototype: false,
});
const record = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.option(headers, { nil: undefined }),
});

const plain = (data: Uint8Array | null) => (data === null ? null : [...data]);
const plainHeaders = (all: LogHeaders | undefined) =>
  all && Object.entries(all).map(([name, value]) => [name, [...value]]);

describe('a blob', () => {
  test('gives back the records it was made of', () => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 30 }),
        fc.nat(2 ** 40),
        fc.boolean(),
        (records, base, sparse) => {
          const deltas = sparse ? Uint32Array.from(records, (_, i) => 3 * i + 1) : undefined;
          const last = base + 3 * records.length;
          const blob = encodeBlob(records, deltas);
          sealBlob(blob, base, last, 1_234.5);
          const header = openBlob(blob);
          if (typeof header === 'string') throw new Error(header);
          expect(header).toMatchObject({
            count: records.length,
            baseOffset: base,
            lastOffset: last,
            appendTimeMs: 1_234.5,
          });
          const back = decodeBlob(blob, header);
          expect(back.map((r) => [r.offset, plain(r.key), plain(r.value), plainHeaders(r.headers)])).toEqual(
            records.map((r, i) => [base + (deltas?.[i] ?? i), plain(r.key), plain(r.value), plainHeaders(r.headers)]),
          );
          expect(records.reduce((sum, r) => sum + recordBytes(r), 0)).toBe(header.payloadBytes + header.headerBytes);
        },
      ),
    );
  });

  test('any changed byte is noticed', () => {
    const blob = encodeBlob([
      { key: Buffer.from('key'), value: Buffer.from('value'), headers: { h: Buffer.from('x') } },
    ]);
    sealBlob(blob, 5, 5, 99);
    for (let at = 0; at < blob.length; at += 1) {
      const damaged = Buffer.from(blob);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 0x10, at);
      expect(typeof openBlob(damaged)).toBe('string');
    }
    expect(openBlob(blob.subarray(0, blob.length - 1))).toBe('bad_length');
    expect(openBlob(blob.subarray(0, 20))).toBe('too_short');
  });
});
