import { gzipSync } from 'node:zlib';
import { TOPICS } from '@ebap/pipeline/contracts';
import { AppError } from '@ebap/pipeline/errors';
import { expect, it } from 'vitest';
import { answerOf, event } from '../testing/eventRequests.ts';
import { startIngest } from '../testing/ingestHarness.ts';

const NOW = Date.now();
const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

it.each<[string, Readonly<Record<string, unknown>> | unknown, string]>([
  ['a record that is no object', 7, 'invalid_record'],
  ['null for a record', null, 'invalid_record'],
  ['an array for a record', [1], 'invalid_record'],
  ['a missing id', event({ id: undefined }), 'invalid_id'],
  ['an id that is no UUID', event({ id: 'order-1' }), 'invalid_id'],
  ['an id of the wrong type', event({ id: 7 }), 'invalid_id'],
  ['a missing user', event({ user_id: undefined }), 'missing_user'],
  ['an empty user', event({ user_id: '' }), 'missing_user'],
  ['a user of blanks', event({ user_id: ' \t\u00a0 ' }), 'missing_user'],
  ['a user of the wrong type', event({ user_id: 42 }), 'missing_user'],
  ['a user of 129 bytes', event({ user_id: 'x'.repeat(129) }), 'missing_user'],
  ['a user with U+0000', event({ user_id: 'a\0b' }), 'missing_user'],
  ['a user with a lone surrogate', event({ user_id: '\ud800' }), 'missing_user'],
  ['an unknown action', event({ action: 'refund' }), 'unknown_action'],
  ['an action of the wrong type', event({ action: ['view'] }), 'unknown_action'],
  ['an action named like an object property', event({ action: 'constructor' }), 'unknown_action'],
  ['a missing timestamp', event({ timestamp: undefined }), 'invalid_timestamp'],
  ['a timestamp without zone', event({ timestamp: '2026-11-21T10:00:00' }), 'invalid_timestamp'],
  ['epoch seconds', event({ timestamp: Math.floor(NOW / 1_000) }), 'invalid_timestamp'],
  ['an ancient timestamp', event({ timestamp: '1999-12-31T23:59:59Z' }), 'invalid_timestamp'],
  ['a future timestamp', event({ timestamp: NOW + 400_000 }), 'timestamp_in_future'],
  ['a negative amount', event({ metadata: { amount: -1 } }), 'invalid_amount'],
  ['NaN as text', event({ metadata: { amount: 'NaN' } }), 'invalid_amount'],
  ['Infinity as text', event({ metadata: { amount: 'Infinity' } }), 'invalid_amount'],
  ['an amount over 100 million', event({ metadata: { amount: 1e9 } }), 'invalid_amount'],
  ['an amount of the wrong type', event({ metadata: { amount: { value: 1 } } }), 'invalid_amount'],
  ['a currency of four letters', event({ metadata: { currency: 'EURO' } }), 'unknown_currency'],
  ['metadata of the wrong type', event({ metadata: 'none' }), 'invalid_record'],
  ['an email of the wrong type', event({ metadata: { email: ['a@b'] } }), 'invalid_record'],
  [
    '33 further fields',
    event({ metadata: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`f${i}`, i])) }),
    'invalid_record',
  ],
  ['a value over 1 KiB', event({ metadata: { note: 'x'.repeat(1_025) } }), 'invalid_record'],
  ['a location of the wrong type', event({ location: 12 }), 'invalid_record'],
  ['coordinates off the globe', event({ location: [91, 0] }), 'invalid_record'],
  ['coordinates off the globe as text', event({ location: '999,999' }), 'invalid_record'],
  ['coordinates that are no numbers', event({ location: 'NaN, NaN' }), 'invalid_record'],
  ['an amount beside the metadata', event({ amount: '74.90' }), 'invalid_record'],
  ['a field that an event does not have', event({ revenue: 74.9 }), 'invalid_record'],
  ['a workspace of its own choice', event({ workspace_id: 'globex' }), 'invalid_record'],
  ['__proto__ in the record', JSON.parse('{"__proto__":{"id":"x"}}'), 'invalid_record'],
  ['__proto__ in the metadata', event({ metadata: JSON.parse('{"__proto__":{"admin":true}}') }), 'invalid_record'],
])('refuses %s, keeps the others, and keeps the record as a dead letter', async (_name, record, code) => {
  await using harness = await startIngest();
  const response = await harness.post('/v1/events', JSON.stringify([event(), record, event()]));
  expect(response.status).toBe(202);
  const answer = await answerOf(response);
  expect(answer.accepted).toBe(2);
  expect(answer.rejected.map((one) => [one.index, one.code])).toEqual([[1, code]]);
  expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
  const [letter] = await harness.letters();
  expect([letter?.workspace, letter?.reason, letter?.source]).toEqual(['acme', code, null]);
  const payload: unknown = JSON.parse(Buffer.from(letter?.payload ?? '', 'base64').toString());
  expect(payload).toEqual(JSON.parse(JSON.stringify(record)));
});

it('names the field that is out of place and where it belongs', async () => {
  await using harness = await startIngest();
  const batch = [
    event({ amount: 5 }),
    event({ meta: { amount: 5 } }),
    event({ workspace: 'x' }),
    event({ amount: null }),
  ];
  const { accepted, rejected } = await answerOf(await harness.post('/v1/events', JSON.stringify(batch)));
  expect(accepted).toBe(1);
  expect(rejected.map(({ message }) => message)).toEqual([
    'The field "amount" belongs in `metadata`: send it as metadata.amount.',
    'An event has no field "meta": put what is to be kept into `metadata`.',
    'The field "workspace" must not be sent: the workspace follows from the key.',
  ]);
});

it.each<[string, string | Uint8Array, number, string]>([
  ['malformed JSON', '[{"id": 1,}]', 400, 'malformed_json'],
  ['NaN as a JSON number', '[{"metadata":{"amount":NaN}}]', 400, 'malformed_json'],
  ['an empty body', '', 400, 'malformed_json'],
  ['invalid UTF-8', Buffer.from('[{"user_id":"\xff\xfe"}]', 'latin1'), 400, 'invalid_utf8'],
  ['JSON 40 levels deep', `[${deep(40)}]`, 400, 'too_deep'],
  ['a million brackets', '['.repeat(1_000_000), 400, 'too_deep'],
  ['a body of 10 MB', `[${'1,'.repeat(5_000_000)}1]`, 413, 'body_too_large'],
  ['100,000 records', `[${'1,'.repeat(99_999)}1]`, 413, 'too_many_records'],
])('answers %s with one problem for the whole request', async (_name, body, status, code) => {
  await using harness = await startIngest();
  const response = await harness.post('/v1/events', body);
  expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
  expect((await answerOf(response)).code).toBe(code);
  expect(await harness.records(TOPICS.eventsRaw)).toEqual([]);
});

it('says of a refused request that nothing was taken and what to do', async () => {
  await using harness = await startIngest({ ratePerSecond: 1, rateBurst: 5 });
  const detailOf = async (body: string, headers: Readonly<Record<string, string>> = {}) => {
    const response = await harness.post('/v1/events', body, headers);
    return ((await response.json()) as { detail: string }).detail;
  };
  expect(await detailOf('[1,')).toBe(
    'The body is not JSON: see line 1, column 4. Nothing of this request was taken: mend it, then send it again.',
  );
  expect(await detailOf('')).toBe('The body is empty. Nothing of this request was taken: mend it, then send it again.');
  expect(await detailOf('', { 'content-type': 'application/x-ndjson' })).toContain('The body is empty.');
  expect(await detailOf(`[${'1,'.repeat(60_000)}1]`)).toContain(
    'Nothing of this request was taken: send it in smaller',
  );
  await harness.post('/v1/events', JSON.stringify([event(), event(), event(), event()]));
  expect(await detailOf(JSON.stringify(event()))).toBe(
    'The workspace sends more than its allowance. ' +
      'Nothing of this request was taken: send all of it again after the seconds of Retry-After.',
  );
});

it('says that it is not known what was taken when the log is away', async () => {
  const away = () => Promise.reject(new AppError('unavailable', 'the log is away', { retryable: true }));
  await using harness = await startIngest({}, away);
  const { detail } = (await (await harness.post('/v1/events', JSON.stringify(event()))).json()) as { detail: string };
  expect(detail).toContain('It is not known what was taken: send the whole batch again, unchanged');
});

it('says what became of refused records', async () => {
  await using harness = await startIngest({ deadLettersPerSecond: 1e-6, deadLettersBurst: 3 });
  const send = async (bad: number) => {
    const records = [event(), ...Array.from({ length: bad }, () => event({ id: 'x' }))];
    return ((await (await harness.post('/v1/events', JSON.stringify(records))).json()) as { detail?: string }).detail;
  };
  expect(await send(0)).toBeUndefined();
  expect(await send(1)).toBe('1 record was refused and is kept as a dead letter.');
  expect(await send(3)).toBe('3 records were refused: 2 are kept as dead letters, 1 is over the cap and only counted.');
  expect(await send(2)).toBe('2 records were refused, are over the cap for dead letters and only counted.');
});

it('names the byte of invalid UTF-8 and the place of malformed JSON', async () => {
  await using harness = await startIngest();
  const bytes = Buffer.concat([Buffer.from('["ä😀", "'), Buffer.from([0xff]), Buffer.from('"]')]);
  expect((await answerOf(await harness.post('/v1/events', bytes))).position).toBe(bytes.indexOf(0xff));
  expect(await (await harness.post('/v1/events', '[1,\n 2,\n oops]')).json()).toMatchObject({
    position: 9,
    line: 3,
    column: 2,
  });
});

it('judges each NDJSON line by itself', async () => {
  await using harness = await startIngest();
  const body = `${JSON.stringify(event())}\n{"id": oops}\n${JSON.stringify(event())}\n`;
  const answer = await answerOf(await harness.post('/v1/events', body, { 'content-type': 'application/x-ndjson' }));
  expect(answer).toMatchObject({ accepted: 2, rejected: [{ index: 1, code: 'invalid_record' }] });
  expect(answer.rejected[0]?.message).toBe('Line 2 is not JSON: see column 8.');
});

it('stops a gzip bomb while it inflates', async () => {
  await using harness = await startIngest();
  const bomb = gzipSync(Buffer.alloc(400 << 20, 0x20), { level: 9 });
  expect(bomb.length).toBeLessThan(1 << 20);
  const before = process.memoryUsage().arrayBuffers;
  const response = await harness.post('/v1/events', bomb, { 'content-encoding': 'gzip' });
  expect([response.status, (await answerOf(response)).code]).toEqual([413, 'inflated_too_large']);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
});

it('refuses what it can not read: other types, other encodings, broken gzip', async () => {
  await using harness = await startIngest();
  const codeOf = async (body: string, headers: Record<string, string>) => {
    const response = await harness.post('/v1/events', body, headers);
    return [response.status, (await answerOf(response)).code];
  };
  expect(await codeOf('a=1', { 'content-type': 'application/x-www-form-urlencoded' })).toEqual([
    415,
    'unsupported_media_type',
  ]);
  expect(await codeOf('[]', { 'content-encoding': 'zstd' })).toEqual([415, 'unsupported_encoding']);
  expect(await codeOf('[]', { 'content-encoding': 'gzip' })).toEqual([400, 'malformed_compression']);
});
