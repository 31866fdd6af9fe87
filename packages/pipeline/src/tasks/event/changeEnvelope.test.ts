import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { number, parseChange, string } from './changeEnvelope.ts';

const utf8 = new TextEncoder();
const parse = (value: unknown) => parseChange(utf8.encode(JSON.stringify(value)));
const source = { table: 'users', ts_ms: 5 };

describe('a change', () => {
  test.each(['r', 'c', 'u', 'd'])('of kind %s is read', (op) => {
    expect(parse({ op, before: { a: 1 }, after: null, source })).toEqual({
      op,
      table: 'users',
      before: { a: 1 },
      after: null,
      commitMs: 5,
    });
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['a text', 'c'],
    ['a list', []],
    ['without source', { op: 'c', after: {} }],
    ['of an unknown kind', { op: 't', source }],
    ['without table', { op: 'c', source: { ts_ms: 5 } }],
    ['without time', { op: 'c', source: { table: 'users', ts_ms: '5' } }],
  ])('that is %s is none', (_, value) => {
    expect(parse(value)).toBeNull();
  });

  test('whose rows are no objects has none', () => {
    expect(parse({ op: 'u', before: [1], after: 'x', source })).toMatchObject({ before: null, after: null });
  });

  test('of any bytes is a change or none, never a crash', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((j) => utf8.encode(j)),
        ),
        (bytes) => {
          parseChange(bytes);
        },
      ),
    );
  });
});

test.each<[unknown, number]>([
  [12.5, 12.5],
  ['12.5', 12.5],
  ['2026-11-21T10:00:00Z', 1_795_255_200_000],
  [1_795_255_200_000_000, 1_795_255_200_000],
  [null, 0],
  [undefined, 0],
])('the column %s is the number %d', (value, expected) => {
  expect(number({ column: value }, 'column')).toBe(expected);
});

test('a column that is no text is empty as text', () => {
  expect(string({ column: 'x' }, 'column')).toBe('x');
  expect(string({ column: 1 }, 'column')).toBe('');
  expect(string({}, 'column')).toBe('');
});
