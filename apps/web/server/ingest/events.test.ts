import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { eventKey, partitionFor, TOPICS } from '@ebap/pipeline/contracts';
import { AppError } from '@ebap/pipeline/errors';
import { expect, it } from 'vitest';
import { answerOf, decodeAll, event, textOf } from '../testing/eventRequests.ts';
import { type IngestHarness, KEY_GLOBEX, startIngest } from '../testing/ingestHarness.ts';
import { openField } from './sealing.ts';

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

it('knows the workspace by the key alone', async () => {
  await using harness = await startIngest();
  const headers = { authorization: `Bearer ${KEY_GLOBEX}` };
  const forged = { ...headers, 'x-workspace-id': 'acme', 'x-workspace': 'acme' };
  await harness.post('/v1/events?workspace_id=acme', JSON.stringify(event()), forged);
  const [view] = decodeAll((await harness.records(TOPICS.eventsRaw)).map((record) => record.value));
  if (view === undefined) throw new Error('nothing on the log');
  expect(textOf(view, view.workspaceStart, view.workspaceEnd)).toBe('globex');
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
