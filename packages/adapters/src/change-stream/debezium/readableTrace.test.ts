import { expect, test } from 'vitest';
import { readableTrace, redacted } from './readableTrace.ts';

test.each([
  [
    'the first line, without the class',
    'io.debezium.DebeziumException: Publication autocreation is disabled\n\tat io.debezium.X.y(X.java:1)',
    'Publication autocreation is disabled',
  ],
  [
    'and the root cause',
    `org.apache.kafka.connect.errors.ConnectException: An exception occurred in the change event producer.
\tat a.b.C.d(C.java:1)
Caused by: io.debezium.DebeziumException: org.postgresql.util.PSQLException: FATAL: no such role
\t... 7 more
Caused by: org.postgresql.util.PSQLException: FATAL: no such role
\t... 9 more`,
    'An exception occurred in the change event producer. FATAL: no such role',
  ],
  [
    'the root cause once, where the first line has it',
    'a.b.FooException: no room left\nCaused by: c.d.BarException: no room left',
    'no room left',
  ],
  [
    'a cause without words is left out',
    'a.b.FooException: connection lost\nCaused by: java.io.EOFException\n\t... 17 more',
    'connection lost',
  ],
  [
    'no dump of positions',
    'io.debezium.DebeziumException: reading from PostgresOffsetContext [a=[b], c=[]], but this is no longer available.',
    'reading from a stored position, but this is no longer available.',
  ],
  ['nothing at all', '', 'no reason given'],
])('%s', (_, trace, text) => {
  expect(readableTrace(trace)).toBe(text);
});

test('secrets never appear, wherever they stood', () => {
  const trace = 'a.b.FooException: no "hush" here\nCaused by: c.d.BarException: nor hush there';
  expect(readableTrace(trace, ['', 'hush'])).toBe('no "***" here nor *** there');
  expect(redacted('hush hush', ['hush'])).toBe('*** ***');
});

test('a long one is cut', () => {
  expect(readableTrace(`a.b.FooException: ${'x'.repeat(1_000)}`)).toHaveLength(400);
});
