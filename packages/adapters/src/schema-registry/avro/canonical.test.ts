import { isAppError } from '@ebap/pipeline/errors';
import { describe, expect, test } from 'vitest';
import { canonicalSchema } from './index.ts';

const canonical = (schema: unknown): string => canonicalSchema(JSON.stringify(schema, null, 3));

describe('one text for one schema', () => {
  test.each([
    ['{"type":"string"}', '"string"'],
    ['{ "type" : { "type" : "array", "items": {"type":"int"} } }', '{"type":"array","items":"int"}'],
    [
      '{"namespace":"x","name":"R","type":"record","fields":[{"type":"int","name":"a"},{"name":"r","type":["null","R"]}]}',
      '{"name":"x.R","type":"record","fields":[{"name":"a","type":"int"},{"name":"r","type":["null","x.R"]}]}',
    ],
    [
      '{"type":"record","name":"x.R","namespace":"ignored","fields":[{"name":"e","type":{"type":"enum","name":"E","symbols":["A"]}}]}',
      '{"name":"x.R","type":"record","fields":[{"name":"e","type":{"name":"x.E","type":"enum","symbols":["A"]}}]}',
    ],
  ])('%s is %s', (text, expected) => {
    expect(canonicalSchema(text)).toBe(expected);
    expect(canonicalSchema(expected)).toBe(expected);
  });

  test('what readers do differently stays different', () => {
    const field = (more: object) =>
      canonical({ type: 'record', name: 'R', fields: [{ name: 'a', type: 'long', ...more }] });
    const all = [
      field({}),
      field({ default: 0 }),
      field({ default: 1 }),
      field({ aliases: ['b'] }),
      field({ type: { type: 'long', logicalType: 'timestamp-millis' } }),
      field({ doc: 'a' }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test('the order of attributes, also inside properties and defaults, means nothing', () => {
    const one = { type: 'map', values: 'int', tags: { a: 1, b: [{ c: 1, d: 2 }] } };
    const other = { tags: { b: [{ d: 2, c: 1 }], a: 1 }, values: 'int', type: 'map' };
    expect(canonical(one)).toBe(canonical(other));
  });
});

describe('what is no schema is refused with the place', () => {
  test.each([
    ['{', 'the text'],
    ['"Unknown"', 'not defined'],
    ['7', 'a type is a name'],
    ['[["null"]]', 'may not contain a union'],
    ['["int","int"]', 'only once'],
    ['{"type":"record","name":"R"}', 'lacks its fields'],
    ['{"type":"record","name":"1R","fields":[]}', 'is not a name'],
    ['{"type":"record","fields":[]}', 'lacks its name'],
    ['{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}', 'a twice'],
    ['{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":"x"}]}', 'default "x" is no int'],
    ['{"type":"record","name":"R","fields":[{"name":"a","type":["null","int"],"default":1}]}', 'default 1 is no union'],
    ['{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"enum","name":"R","symbols":[]}}]}', 'twice'],
    ['{"type":"enum","name":"E","symbols":["A","A"]}', 'symbol twice'],
    ['{"type":"enum","name":"E","symbols":["A"],"default":"B"}', 'not among its symbols'],
    ['{"type":"fixed","name":"F","size":-1}', 'lacks its size'],
    ['{"type":"enum","name":"int","symbols":[]}', 'primitive'],
    ['{"type":"enum","name":"E","symbols":["A"],"aliases":"x"}', 'aliases'],
  ])('%s', (text, what) => {
    try {
      canonicalSchema(text);
      expect.unreachable();
    } catch (error) {
      expect(isAppError(error, 'bad_request') && error.message).toContain(what);
    }
  });

  test.each([
    ['boolean', true],
    ['long', 5_000_000_000],
    ['double', 0.5],
    ['bytes', '\u00ff'],
    [{ type: 'fixed', name: 'F', size: 2 }, 'ab'],
    [{ type: 'enum', name: 'E', symbols: ['A'] }, 'A'],
    [{ type: 'map', values: { type: 'array', items: 'int' } }, { a: [1] }],
    [{ type: 'record', name: 'S', fields: [{ name: 'a', type: 'int', default: 1 }] }, {}],
  ])('the default of a %j may be %j', (type, value) => {
    canonical({ type: 'record', name: 'R', fields: [{ name: 'a', type, default: value }] });
  });
});
