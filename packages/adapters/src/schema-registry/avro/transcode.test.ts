import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compatibilityFaults, parseSchema, transcoder } from './index.ts';
import { avscType, type Json, schemaPairs } from './testing/schemaPairs.ts';

const parsed = (json: Json) => parseSchema(JSON.stringify(json));

/** What a transcoder makes of a value, read by avsc; null where it gives up. */
function through(writer: Json, reader: Json, value: unknown): unknown {
  const bytes = avscType(writer).toBuffer(value);
  const result = transcoder(parsed(reader), parsed(writer))?.(bytes, 0, bytes.length) ?? null;
  return result === null ? null : avscType(reader).fromBuffer(Buffer.from(result));
}

const record = (...fields: readonly Json[]): Json => ({ type: 'record', name: 'R', fields });
const field = (name: string, type: Json, rest: object = {}): Json => ({ name, type, ...rest });

describe('a transcoder', () => {
  test('leaves out what is new to the reader, and puts in what is new to the writer', () => {
    const writer = record(field('added', { type: 'map', values: 'double' }), field('a', 'string'), field('b', 'long'));
    const reader = record(field('b', 'long'), field('c', ['null', 'string'], { default: null }), field('a', 'string'));
    const read = through(writer, reader, { added: { x: 1.5 }, a: 'é', b: -7 });
    expect({ ...(read as object) }).toEqual({ b: -7, c: null, a: 'é' });
  });

  test('moves a value into a union, and to where the union has it', () => {
    expect(through('string', ['null', 'string'], 'x')).toEqual({ string: 'x' });
    expect(through(['string', 'null'], ['null', 'string'], { string: 'x' })).toEqual({ string: 'x' });
    expect(through(['string', 'null'], ['null', 'string'], null)).toBe(null);
  });

  test('finds a field by the reader’s alias', () => {
    const reader = record(field('renamed', 'int', { aliases: ['a'] }));
    expect({ ...(through(record(field('a', 'int')), reader, { a: 5 }) as object) }).toEqual({ renamed: 5 });
  });

  test('promotes numbers', () => {
    expect(through('int', 'double', -3)).toBe(-3);
    expect(through('float', 'double', 0.5)).toBe(0.5);
    expect(through('long', 'float', 8)).toBe(8);
  });

  test('makes a symbol that the reader lacks the index after its last one', () => {
    const of = (...symbols: readonly string[]): Json => ({ type: 'enum', name: 'E', symbols });
    const bytes = avscType(of('Z', 'A', 'B')).toBuffer('Z');
    expect([...(transcoder(parsed(of('A', 'B')), parsed(of('Z', 'A', 'B')))?.(bytes, 0, 1) ?? [])]).toEqual([4]);
    expect(through(of('Z', 'A', 'B'), of('A', 'B'), 'B')).toBe('B');
  });

  test.each([
    ['another record', record(field('a', 'int')), { type: 'record', name: 'Other', fields: [] }],
    ['a field without a default', record(), record(field('a', 'int'))],
    ['a narrower number', 'long', 'int'],
    [
      'a decimal of another scale',
      { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 },
      { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 4 },
    ],
  ] as readonly (readonly [string, Json, Json])[])('there is none for %s', (_, writer, reader) => {
    expect(transcoder(parsed(reader), parsed(writer))).toBe(null);
  });

  test('reads what avsc reads, wherever a pair is compatible', () => {
    let compared = 0;
    fc.assert(
      fc.property(schemaPairs, ({ reader, writer, isRecursive }) => {
        fc.pre(compatibilityFaults(parsed(reader), parsed(writer)).length === 0 && !isRecursive);
        // With aliases several branches of a union may bear a name; we take the one that has it for its own.
        fc.pre(!JSON.stringify(reader).includes('aliases'));
        const [readerType, writerType] = [avscType(reader), avscType(writer)];
        const bytes = writerType.toBuffer(writerType.random());
        const rewritten = transcoder(parsed(reader), parsed(writer))?.(bytes, 0, bytes.length);
        const wanted = readerType.fromBuffer(bytes, readerType.createResolver(writerType));
        expect(rewritten).not.toBe(null);
        const found = readerType.fromBuffer(Buffer.from(rewritten ?? []));
        // Of several branches that fit, we take the written type itself, avsc the first.
        expect(unwrapped(found)).toEqual(unwrapped(wanted));
        compared++;
      }),
      { numRuns: 1_000 },
    );
    expect(compared).toBeGreaterThan(300);
  });

  test('gives up, and never hangs or throws, on bytes that are something else', () => {
    fc.assert(
      fc.property(schemaPairs, fc.uint8Array({ maxLength: 60 }), ({ reader, writer }, bytes) => {
        const result = transcoder(parsed(reader), parsed(writer))?.(bytes, 0, bytes.length);
        if (result === null || result === undefined) return;
        expect(result).toBeInstanceOf(Uint8Array);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Without the wrappers that tell the branches of unions; text is text, also as bytes. */
function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (Buffer.isBuffer(value)) return value.toString();
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && !['a', 'b', 'c'].includes(only[0])) return unwrapped(only[1]);
  return Object.fromEntries(entries.map(([key, item]) => [key, unwrapped(item)]));
}
