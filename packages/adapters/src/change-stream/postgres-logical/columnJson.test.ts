import { describe, expect, test } from 'vitest';
import { columnJson } from './columnJson.ts';
import { formatLsn, parseLsn } from './lsn.ts';

describe('column values as Debezium writes them', () => {
  test.each([
    ['bool', 16, 't', 'true'],
    ['bool', 16, 'f', 'false'],
    ['smallint', 21, '-7', '-7'],
    ['bigint, to the last digit', 20, '9223372036854775807', '9223372036854775807'],
    ['double', 701, '1e-05', '1e-05'],
    ['double that JSON lacks', 701, 'NaN', '"NaN"'],
    ['double without end', 701, '-Infinity', '"-Infinity"'],
    ['numeric', 1700, '12.5000', '"12.5000"'],
    ['timestamptz', 1184, '2026-11-21 10:05:09.5+00', '"2026-11-21T10:05:09.500000Z"'],
    ['timestamptz of whole seconds', 1184, '2026-11-21 10:05:09+00', '"2026-11-21T10:05:09.000000Z"'],
    ['timestamptz without end', 1184, 'infinity', '"infinity"'],
    ['timestamp as microseconds', 1114, '2026-01-01 00:00:01.000002', '1767225601000002'],
    ['timestamp before the epoch', 1114, '1969-12-31 23:59:59.25', '-750000'],
    ['timestamp without end', 1114, '-infinity', '"-infinity"'],
    ['date as days', 1082, '1970-02-01', '31'],
    ['date BC', 1082, '0044-03-15 BC', '"0044-03-15 BC"'],
    ['time as microseconds', 1083, '00:00:01.5', '1500000'],
    ['bytea as base64', 17, '\\xdeadbeef', '"3q2+7w=="'],
    ['jsonb as its text', 3802, '{"a": 1}', '"{\\"a\\": 1}"'],
    ['text', 25, 'a "b"\n', '"a \\"b\\"\\n"'],
  ])('%s', (_, typeOid, text, json) => {
    expect(columnJson(typeOid, text)).toBe(json);
    JSON.parse(json);
  });
});

test.each([
  ['0/0', 0n],
  ['0/B374D848', 0xb374d848n],
  ['16/B374D848', 0x16b374d848n],
  ['FFFFFFFF/FFFFFFFF', 0xffffffffffffffffn],
])('the position %s', (text, lsn) => {
  expect(parseLsn(text)).toBe(lsn);
  expect(formatLsn(lsn)).toBe(text);
});
