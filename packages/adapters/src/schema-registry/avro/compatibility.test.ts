import { describe, expect, test } from 'vitest';
import { compatibilityFaults, parseSchema } from './index.ts';

function faults(reader: unknown, writer: unknown): readonly string[] {
  return compatibilityFaults(parseSchema(JSON.stringify(reader)), parseSchema(JSON.stringify(writer)));
}

const record = (fields: readonly unknown[], more = {}) => ({ type: 'record', name: 'R', fields, ...more });
const field = (name: string, type: unknown, more = {}) => ({ name, type, ...more });
const decimal = (precision: number, scale: number) => ({ type: 'bytes', logicalType: 'decimal', precision, scale });

describe('what a reader can read', () => {
  test.each([
    ['int as long', 'long', 'int'],
    ['long as double', 'double', 'long'],
    ['bytes as string', 'string', 'bytes'],
    ['a type as a union that has it', ['null', 'string'], 'string'],
    ['a union whose every branch fits', 'double', ['int', 'float']],
    ['fewer symbols', { type: 'enum', name: 'E', symbols: ['A', 'B'] }, { type: 'enum', name: 'E', symbols: ['B'] }],
    [
      'unknown symbols, given a default',
      { type: 'enum', name: 'E', symbols: ['A'], default: 'A' },
      { type: 'enum', name: 'E', symbols: ['A', 'B'] },
    ],
    ['a record without a field that has a default', record([field('a', 'int', { default: 0 })]), record([])],
    ['a record with a field too many', record([]), record([field('a', 'int')])],
    ['a field by its alias', record([field('b', 'long', { aliases: ['a'] })]), record([field('a', 'int')])],
    ['a record by its alias', record([], { name: 'S', aliases: ['R'] }), record([])],
    ['a namespace that both mean', record([], { name: 'x.R' }), record([], { namespace: 'x' })],
    ['maps and arrays of what fits', { type: 'map', values: 'long' }, { type: 'map', values: 'int' }],
    ['a logical type on a plain one', { type: 'long', logicalType: 'timestamp-millis' }, 'long'],
    ['a plain type on a logical one', 'long', { type: 'long', logicalType: 'timestamp-millis' }],
    ['the same decimal', decimal(18, 4), decimal(18, 4)],
  ])('%s', (_, reader, writer) => {
    expect(faults(reader, writer)).toEqual([]);
  });

  test('a type that contains itself', () => {
    const list = (value: string) => record([field('value', value), field('next', ['null', 'R'], { default: null })]);
    expect(faults(list('long'), list('int'))).toEqual([]);
    expect(faults(list('int'), list('long'))).toEqual(["value: int can't read what was written as long"]);
  });
});

describe('what a reader can not read, and why', () => {
  test.each([
    ['long as int', 'int', 'long', "the schema: int can't read what was written as long"],
    [
      'a new field without a default',
      record([field('a', 'int')]),
      record([]),
      'a: the field is new and has no default',
    ],
    [
      'a lost symbol',
      { type: 'enum', name: 'E', symbols: ['A'] },
      { type: 'enum', name: 'E', symbols: ['A', 'B', 'C'] },
      'the schema: enum E lacks the symbols B, C and has no default',
    ],
    [
      'another size',
      { type: 'fixed', name: 'F', size: 4 },
      { type: 'fixed', name: 'F', size: 8 },
      'the schema: fixed F has 4 bytes, written were 8',
    ],
    [
      'another name',
      record([], { name: 'x.R' }),
      record([], { name: 'y.R' }),
      'the schema: record x.R has another name than the written record y.R, and no alias for it',
    ],
    [
      'a union branch that nobody reads',
      record([field('a', 'string')]),
      record([field('a', ['null', 'string'])]),
      "a: string can't read what was written as null (written as null of a union)",
    ],
    [
      'a type outside the union',
      ['null', 'int'],
      'string',
      'the schema: no branch of the union of null, int reads string',
    ],
    [
      'two sources for one field',
      record([field('a', 'int', { aliases: ['b'] })]),
      record([field('a', 'int'), field('b', 'int')]),
      'a: several written fields match its name and aliases: a, b',
    ],
    [
      'an exchanged logical type',
      { type: 'long', logicalType: 'timestamp-micros' },
      { type: 'long', logicalType: 'timestamp-millis' },
      'the schema: the logical type timestamp-micros reads what was written as timestamp-millis',
    ],
    [
      'another scale',
      decimal(18, 2),
      decimal(18, 4),
      'the schema: decimal(18, 2) reads what was written as decimal(18, 4)',
    ],
    [
      'a fault deep inside',
      record([field('a', ['null', { type: 'array', items: record([field('b', 'int')], { name: 'S' }) }])]),
      record([field('a', { type: 'array', items: record([field('b', 'string')], { name: 'S' }) })]),
      "a/items/b: int can't read what was written as string",
    ],
  ])('%s', (_, reader, writer, reason) => {
    expect(faults(reader, writer)).toEqual([reason]);
  });
});

describe('deep schemas', () => {
  const nested = (levels: number, leaf: unknown): unknown =>
    levels === 0 ? leaf : ['null', { type: 'array', items: nested(levels - 1, leaf) }];

  test('the fault at the bottom of many unions is found as fast as that of few', () => {
    expect(faults(nested(100, 'long'), nested(100, 'int'))).toEqual([]);
    expect(faults(nested(100, 'int'), nested(100, 'string'))).toHaveLength(1);
  });

  test('a schema that no stack could hold is refused', () => {
    const text = `${'{"type":"array","items":'.repeat(20_000)}"int"${'}'.repeat(20_000)}`;
    expect(() => parseSchema(text)).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });
});
