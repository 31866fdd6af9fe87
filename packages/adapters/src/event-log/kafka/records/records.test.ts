import { isAppError } from '@ebap/pipeline/errors';
import { type BatchRecord, type LogBatch, recordAt, TICK_HEADER } from '@ebap/pipeline/ports';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AbortedTransaction } from '../protocol/fetch.ts';
import { decodeColumns, scanBatches, TICK_KEY } from './index.ts';
import { markerBatch, type StoredBatch, sealed, storedBatch } from './testing/storedBatch.ts';

const CHECKED = { checkCrc: true };

function decode(bytes: Buffer, fromOffset = 0, aborted: readonly AbortedTransaction[] = []) {
  const { sections, nextOffset, neededBytes } = scanBatches(bytes, aborted, CHECKED);
  const columns = decodeColumns(sections, fromOffset);
  const position = { topic: 't', partition: 0, nextOffset: nextOffset ?? fromOffset, endOffset: 0, readThroughMs: 0 };
  const batch: LogBatch = { ...position, ...columns };
  const records = Array.from({ length: batch.count }, (_, i) => recordAt(batch, i));
  return { records, ticks: [...columns.ticks.subarray(0, columns.count)], nextOffset, neededBytes };
}

function plain({ offset, appendTimeMs, key, value, headers }: BatchRecord) {
  const list = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('latin1'));
  const named = Object.entries(headers ?? {}).map(([name, bytes]) => [name, list(bytes)]);
  return { offset, appendTimeMs, key: list(key), value: list(value), headers: named };
}

const values = (records: readonly BatchRecord[]) => records.map(({ value }) => Buffer.from(value ?? []).toString());
const one = (value: string, appendTimeMs = 1_000) => ({ key: null, value: Buffer.from(value), appendTimeMs });

const anyBytes = fc.option(fc.uint8Array({ maxLength: 300 }));
/** Lengths that take two and three bytes on the wire. */
const longBytes = fc.integer({ min: 60, max: 20_000 }).map((length) => new Uint8Array(length).fill(length));
const anyRecord = fc.record({
  key: anyBytes,
  value: fc.oneof(anyBytes, longBytes),
  // The other encoder miswrites times that are 24 days before the batch's first.
  appendTimeMs: fc.integer({ min: 2 ** 40, max: 2 ** 40 + 2 ** 30 }),
  headers: fc.dictionary(fc.stringMatching(/^[a-z-]{1,20}$/), fc.uint8Array({ maxLength: 200 }), { maxKeys: 3 }),
});
const anyBatch = fc.record({
  gap: fc.integer({ min: 0, max: 3 }),
  records: fc.array(anyRecord, { minLength: 1, maxLength: 12 }),
  compression: fc.constantFrom('none', 'none', 'gzip', 'snappy', 'lz4', 'zstd'),
  logTimeMs: fc.option(fc.integer({ min: 0, max: 2 ** 42 })),
});
const anyLog = fc.tuple(fc.integer({ min: 0, max: 2 ** 50 }), fc.array(anyBatch, { minLength: 1, maxLength: 5 }));

/** The bytes a broker keeps of them, and what they say. */
function store([firstOffset, batches]: typeof anyLog extends fc.Arbitrary<infer L> ? L : never) {
  const bytes: Buffer[] = [];
  const held: BatchRecord[] = [];
  let next = firstOffset;
  for (const { gap, records, compression, logTimeMs } of batches) {
    const baseOffset = next + gap;
    const log = logTimeMs === null ? {} : { appendTimeMs: logTimeMs };
    bytes.push(storedBatch({ baseOffset, records, compression, ...log } satisfies StoredBatch));
    records.forEach((record, i) => {
      held.push({ ...record, offset: baseOffset + i, appendTimeMs: logTimeMs ?? record.appendTimeMs });
    });
    next = baseOffset + records.length;
  }
  return { bytes: Buffer.concat(bytes), sizes: bytes.map(({ length }) => length), held, next };
}

describe('record batches', () => {
  test('what another encoder wrote is decoded as it was, from any offset', () => {
    fc.assert(
      fc.property(anyLog, fc.integer({ min: 0, max: 60 }), (log, ahead) => {
        const { bytes, held, next } = store(log);
        const fromOffset = log[0] + ahead;
        const { records, nextOffset } = decode(bytes, fromOffset);
        expect(records.map(plain)).toEqual(held.filter(({ offset }) => offset >= fromOffset).map(plain));
        expect(nextOffset).toBe(next);
      }),
      { numRuns: 150 },
    );
  });

  test('an answer cut off anywhere gives its whole batches', () => {
    fc.assert(
      fc.property(anyLog, fc.double({ min: 0, max: 0.9999, noNaN: true }), (log, share) => {
        const { bytes, sizes, held } = store(log);
        const cut = Math.floor(bytes.length * share);
        const { records, neededBytes } = decode(bytes.subarray(0, cut));
        let whole = 0;
        let count = 0;
        sizes.forEach((size, i) => {
          whole += size;
          if (whole <= cut) count += log[1][i]?.records.length ?? 0;
        });
        expect(records.map(plain)).toEqual(held.slice(0, count).map(plain));
        expect(neededBytes).toBe(count === 0 && cut >= 12 ? sizes[0] : 0);
      }),
      { numRuns: 100 },
    );
  });

  test('a changed byte is `corrupt_data`, or one that the checksum does not cover', () => {
    fc.assert(
      fc.property(anyLog, fc.nat(), fc.integer({ min: 1, max: 255 }), (log, where, change) => {
        const { bytes, sizes } = store(log);
        const first = sizes[0] ?? 0;
        const at = 21 + (where % (first - 21));
        bytes[at] = (bytes[at] ?? 0) ^ change;
        expect(() => decode(bytes)).toThrow(expect.objectContaining({ code: 'corrupt_data' }));
      }),
      { numRuns: 100 },
    );
  });

  test('damage under a right checksum is `corrupt_data` too, never a wrong slice or an endless loop', () => {
    fc.assert(
      fc.property(anyLog, fc.nat(), fc.integer({ min: 1, max: 255 }), (log, where, change) => {
        // A trap in the WebAssembly of lz4 and snappy may leave it unusable; brokers refuse such batches.
        const safe = log[1].map((batch) => ({ ...batch, compression: where % 2 === 0 ? 'none' : 'zstd' }) as const);
        const { bytes, sizes } = store([log[0], safe.slice(0, 1)]);
        const at = 57 + (where % ((sizes[0] ?? 0) - 57));
        bytes[at] = (bytes[at] ?? 0) ^ change;
        try {
          for (const { key, value } of decode(sealed(bytes)).records)
            expect((key?.length ?? 0) + (value?.length ?? 0)).toBeLessThan(300_000);
        } catch (error) {
          if (!isAppError(error, 'corrupt_data')) throw error;
        }
      }),
      { numRuns: 200 },
    );
  });

  test('with LogAppendTime every record has the time of its batch', () => {
    const bytes = storedBatch({ baseOffset: 5, records: [one('a', 1), one('b', 2)], appendTimeMs: 77 });
    expect(decode(bytes).records.map(({ appendTimeMs }) => appendTimeMs)).toEqual([77, 77]);
  });

  test('a header named like a property of objects is a header', () => {
    const named = Object.fromEntries([['__proto__', Buffer.from('x')]]);
    const { records } = decode(storedBatch({ baseOffset: 0, records: [{ ...one('a'), headers: named }] }));
    expect(Object.keys(records[0]?.headers ?? {})).toEqual(['__proto__']);
  });

  test('a tick has no key, whatever it travelled under; a record with that key keeps it', () => {
    const tick = { key: TICK_KEY, value: null, appendTimeMs: 1, headers: { [TICK_HEADER]: new Uint8Array(0) } };
    const { records, ticks } = decode(storedBatch({ baseOffset: 0, records: [tick, { ...tick, headers: {} }] }));
    expect(ticks).toEqual([1, 0]);
    expect(records.map(({ key }) => (key === null ? null : Buffer.from(key).toString()))).toEqual([null, 'ebap-tick']);
  });
});

describe('transactions', () => {
  test('records of aborted ones are left out, those of others around them stay', () => {
    const of = (baseOffset: number, producerId: bigint, value: string) =>
      storedBatch({ baseOffset, producerId, transactional: true, records: [one(value)] });
    const bytes = Buffer.concat([
      of(0, 1n, 'aborted'),
      of(1, 2n, 'committed'),
      storedBatch({ baseOffset: 2, records: [one('plain')] }),
      of(3, 1n, 'aborted too'),
      markerBatch(4, 1n),
      markerBatch(5, 2n),
      of(6, 1n, 'later, committed'),
      markerBatch(7, 1n),
    ]);
    const { records, nextOffset } = decode(bytes, 0, [{ producerId: 1n, firstOffset: 0 }]);
    expect(values(records)).toEqual(['committed', 'plain', 'later, committed']);
    expect(nextOffset).toBe(8);
  });

  test('a producer may abort twice in one answer', () => {
    const of = (baseOffset: number, value: string) =>
      storedBatch({ baseOffset, producerId: 1n, transactional: true, records: [one(value)] });
    const bytes = Buffer.concat([of(0, 'a'), markerBatch(1, 1n), of(2, 'b'), markerBatch(3, 1n), of(4, 'c')]);
    const aborted = [
      { producerId: 1n, firstOffset: 2 },
      { producerId: 1n, firstOffset: 0 },
    ];
    expect(values(decode(bytes, 0, aborted).records)).toEqual(['c']);
  });

  test('an answer of nothing but markers still moves on', () => {
    expect(decode(markerBatch(41, 1n), 41)).toMatchObject({ records: [], nextOffset: 42 });
  });
});

test('formats before magic 2 are `unsupported_version`', () => {
  const bytes = storedBatch({ baseOffset: 0, records: [one('a')] });
  bytes.writeInt8(1, 16);
  expect(() => decode(bytes)).toThrow(expect.objectContaining({ code: 'unsupported_version' }));
});
