import { randomUUID } from 'node:crypto';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { decodeRawEvent, eventKey, partitionFor, RawEventView, TOPICS } from '@ebap/pipeline/contracts';
import { AppError } from '@ebap/pipeline/errors';
import { expect, it } from 'vitest';
import { type IngestHarness, KEY_GLOBEX, startIngest } from '../testing/ingestHarness.ts';
import { openField } from './sealing.ts';

interface Answer {
  readonly accepted: number;
  readonly rejected: readonly { readonly index: number; readonly code: string; readonly message: string }[];
  readonly code: string;
  readonly position: number;
}

const answerOf = async (response: Response): Promise<Answer> => (await response.json()) as Answer;

function event(over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: randomUUID(),
    user_id: 'u-1',
    action: 'purchase',
    timestamp: new Date().toISOString(),
    location: '50.11,8.68',
    metadata: { amount: '74.90', currency: 'eur', platform: 'iOS', item_id: 'sku-1', campaign: 'autumn' },
    ...over,
  };
}

function decodeAll(values: readonly (Uint8Array | null | undefined)[]): RawEventView[] {
  return values.map((value) => {
    const view = new RawEventView();
    const bytes = Uint8Array.from(value ?? []);
    expect(decodeRawEvent(bytes, 5, bytes.length, view)).toBe('ok');
    return view;
  });
}

const textOf = (view: RawEventView, start: number, end: number) =>
  Buffer.from(view.bytes.subarray(start, end)).toString('utf8');

it('writes an event to the log before it answers 202', async () => {
  await using harness = await startIngest();
  const response = await harness.post('/v1/events', JSON.stringify(event()));
  expect(response.status).toBe(202);
  expect(await response.json()).toEqual({ accepted: 1, rejected: [] });
  const [record] = await harness.records(TOPICS.eventsRaw);
  const key = eventKey('acme', 'u-1');
  expect(Buffer.from(record?.key ?? []).toString()).toBe(key);
  const [view] = decodeAll([record?.value]);
  if (view === undefined) throw new Error('nothing on the log');
  expect(view.amountUnits).toBe(749_000);
  expect(textOf(view, view.workspaceStart, view.workspaceEnd)).toBe('acme');
  expect(textOf(view, view.itemStart, view.itemEnd)).toBe('sku-1');
  expect(textOf(view, view.pseudonymStart, view.pseudonymEnd)).toMatch(/^[a-z2-7]{24}$/);
});

it('puts every event into the partition of its key', async () => {
  await using harness = await startIngest();
  const users = Array.from({ length: 40 }, (_, i) => `person-${i}`);
  await harness.post('/v1/events', JSON.stringify(users.map((user_id) => event({ user_id }))));
  for (let partition = 0; partition < 4; partition++) {
    const { end } = await harness.log.offsets(TOPICS.eventsRaw, partition);
    const mine = users.filter((user) => partitionFor(Buffer.from(eventKey('acme', user)), 4) === partition);
    expect(end).toBe(mine.length);
  }
});

it('takes a JSON array, a single object, NDJSON, and all compressions', async () => {
  await using harness = await startIngest();
  const lines = `${JSON.stringify(event())}\n\n${JSON.stringify(event())}\r\n`;
  const array = JSON.stringify([event(), event()]);
  const ndjson = { 'content-type': 'application/x-ndjson' };
  const accepted = async (body: string | Uint8Array, headers = {}) =>
    (await answerOf(await harness.post('/v1/events', body, headers))).accepted;
  expect(await accepted(array)).toBe(2);
  expect(await accepted(lines, ndjson)).toBe(2);
  expect(await accepted(lines, { 'content-type': '' })).toBe(2);
  expect(await accepted(gzipSync(lines), { ...ndjson, 'content-encoding': 'gzip' })).toBe(2);
  expect(await accepted(deflateSync(array), { 'content-encoding': 'deflate' })).toBe(2);
  expect(await accepted(brotliCompressSync(array), { 'content-encoding': 'br' })).toBe(2);
  expect(await accepted('[]')).toBe(0);
});

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

it('knows the workspace by the key alone', async () => {
  await using harness = await startIngest();
  const headers = { authorization: `Bearer ${KEY_GLOBEX}` };
  const forged = { ...headers, 'x-workspace-id': 'acme', 'x-workspace': 'acme' };
  await harness.post('/v1/events?workspace_id=acme', JSON.stringify(event()), forged);
  const [view] = decodeAll((await harness.records(TOPICS.eventsRaw)).map((record) => record.value));
  if (view === undefined) throw new Error('nothing on the log');
  expect(textOf(view, view.workspaceStart, view.workspaceEnd)).toBe('globex');
});

it('refuses wrong and missing keys', async () => {
  await using harness = await startIngest();
  expect((await harness.post('/v1/events', '[]', { authorization: 'Bearer wrong' })).status).toBe(401);
  expect((await harness.post('/v1/events', '[]', { authorization: '' })).status).toBe(401);
  const { status } = await harness.post('/v1/events', '[]', { authorization: '', 'x-api-key': KEY_GLOBEX });
  expect(status).toBe(202);
});

it('slows down who tries many keys, and nobody else of that address', async () => {
  await using harness = await startIngest();
  const guess = async (i: number) => {
    const startMs = performance.now();
    const { status } = await harness.post('/v1/events', '[]', { authorization: `Bearer guess-${i}` });
    return { status, tookMs: performance.now() - startMs };
  };
  const answers = await Promise.all(Array.from({ length: 130 }, (_, i) => guess(i)));
  const slowed = answers.filter(({ status }) => status === 429);
  expect(answers.filter(({ status }) => status === 401).length).toBeGreaterThanOrEqual(100);
  expect(slowed.length).toBeGreaterThan(0);
  for (const { tookMs } of slowed) expect(tookMs).toBeGreaterThanOrEqual(900);
  expect((await harness.post('/v1/events', '[]')).status).toBe(202);
});

it('keeps markup as text', async () => {
  await using harness = await startIngest();
  const html = '<img src=x onerror=alert(1)>';
  const record = event({ user_id: html, location: html, metadata: { item_id: html, platform: html, note: html } });
  expect((await answerOf(await harness.post('/v1/events', JSON.stringify(record)))).accepted).toBe(1);
  const [view] = decodeAll((await harness.records(TOPICS.eventsRaw)).map((one) => one.value));
  if (view === undefined) throw new Error('nothing on the log');
  expect(textOf(view, view.itemStart, view.itemEnd)).toBe(html);
  expect(textOf(view, view.userStart, view.userEnd)).toBe(html);
});

it('enciphers sensitive fields under the key of the person before they reach the log', async () => {
  await using harness = await startIngest();
  const record = event({ metadata: { email: 'ada@example.test', payment_hash: 'tok_123' } });
  await harness.post('/v1/events', JSON.stringify(record));
  const [written] = await harness.records(TOPICS.eventsRaw);
  const bytes = Buffer.from(written?.value ?? []);
  expect(bytes.includes('ada@example.test')).toBe(false);
  expect(bytes.includes('tok_123')).toBe(false);
  const subject = harness.directories.subjects.get('acme:u-1');
  if (subject === undefined) throw new Error('no key was made');
  const at = bytes.indexOf(Buffer.from(subject.keyId.replaceAll('-', ''), 'hex')) - 1;
  const sealed = bytes.subarray(at, at + 1 + 16 + 12 + 16 + 'ada@example.test'.length);
  const context = {
    workspaceId: 'acme',
    eventId: String(record.id),
    timestampMs: Date.parse(String(record.timestamp)),
    field: 'email',
  } as const;
  expect(openField(sealed, subject.dataKey, context)).toBe('ada@example.test');
  expect(() => openField(sealed, subject.dataKey, { ...context, workspaceId: 'globex' })).toThrow(AppError);
  expect(() => openField(sealed, subject.dataKey, { ...context, field: 'payment_hash' })).toThrow(AppError);
});

it('gives the same person another pseudonym in another workspace, and none after erasure', async () => {
  await using harness = await startIngest({ subjectTtlMs: 0 });
  await harness.post('/v1/events', JSON.stringify([event(), event()]));
  await harness.post('/v1/events', JSON.stringify(event()), { authorization: `Bearer ${KEY_GLOBEX}` });
  harness.directories.erased.add('acme:u-1');
  await harness.post('/v1/events', JSON.stringify(event({ metadata: { email: 'ada@example.test' } })));
  const views = decodeAll((await harness.records(TOPICS.eventsRaw)).map((one) => one.value));
  const pseudonyms = views.map((v) => (v.pseudonymStart < 0 ? null : textOf(v, v.pseudonymStart, v.pseudonymEnd)));
  expect(pseudonyms.filter((one) => one === null)).toHaveLength(1);
  expect(new Set(pseudonyms).size).toBe(3);
});

it('asks for all new people of a batch in one round trip, and not again', async () => {
  await using harness = await startIngest();
  const batch = Array.from({ length: 500 }, (_, i) => event({ user_id: `u-${i % 100}` }));
  await harness.post('/v1/events', JSON.stringify(batch));
  await harness.post('/v1/events', JSON.stringify(batch));
  expect(harness.directories.roundTrips).toBe(1);
});

it('answers 503 with Retry-After while the log is away', async () => {
  const away = () => Promise.reject(new AppError('unavailable', 'the log is away', { retryable: true }));
  await using harness = await startIngest({}, away);
  const response = await harness.post('/v1/events', JSON.stringify(event()));
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
});

it('answers 503 when the log does not acknowledge in time', async () => {
  const never = () => new Promise<never>(() => {});
  await using harness = await startIngest({ appendTimeoutMs: 50 }, never);
  expect((await harness.post('/v1/events', JSON.stringify(event()))).status).toBe(503);
});

it('answers 429 with Retry-After over the rate of the workspace, and only of that one', async () => {
  await using harness = await startIngest({ ratePerSecond: 10, rateBurst: 20 });
  const batch = JSON.stringify(Array.from({ length: 15 }, () => event()));
  expect((await harness.post('/v1/events', batch)).status).toBe(202);
  const refused = await harness.post('/v1/events', batch);
  expect([refused.status, (await answerOf(refused)).code]).toEqual([429, 'rate_limited']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect((await harness.post('/v1/events', batch, { authorization: `Bearer ${KEY_GLOBEX}` })).status).toBe(202);
});

it('caps dead letters and counts what it left out', async () => {
  await using harness = await startIngest({ deadLettersPerSecond: 1, deadLettersBurst: 3 });
  await harness.post('/v1/events', JSON.stringify(Array.from({ length: 10 }, () => event({ id: 'x' }))));
  const omitted = (await harness.letters()).map((letter) => letter.omitted ?? 0);
  expect(omitted.toSorted()).toEqual([0, 0, 7]);
  expect(harness.metrics.render()).toContain('ebap_ingest_dead_letters_capped_total 7');
  expect(harness.metrics.render()).toContain('ebap_ingest_rejected_total{code="invalid_id"} 10');
});

it('lets browsers of other sites send, without cookies', async () => {
  await using harness = await startIngest();
  const response = await fetch(`${harness.url}/v1/events`, {
    method: 'OPTIONS',
    headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
  });
  expect(response.status).toBe(204);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  expect((await fetch(`${harness.url}/v1/events`)).status).toBe(405);
});

it('answers each of many requests at once with its own result', async () => {
  await using harness = await startIngest();
  const one = async (i: number, h: IngestHarness) =>
    (await answerOf(await h.post('/v1/events', JSON.stringify(Array.from({ length: i }, () => event()))))).accepted;
  const counts = await Promise.all(Array.from({ length: 30 }, (_, i) => one(i, harness)));
  expect(counts).toEqual(Array.from({ length: 30 }, (_, i) => i));
});

it('answers unknown paths beside its own with a problem', async () => {
  await using harness = await startIngest();
  const response = await harness.post('/v1/event', JSON.stringify(event()));
  expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
  expect(await response.json()).toMatchObject({ code: 'not_found', detail: expect.stringContaining('/v1/events') });
});
