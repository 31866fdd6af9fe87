import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedEventLog } from '@ebap/adapters/event-log';
import { type DeadLetter, encodeRawEvent, TOPICS, topicSpecs } from '@ebap/pipeline/contracts';
import type { EventLog } from '@ebap/pipeline/ports';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DeadLetterIndex } from './deadLetterIndex.ts';

let dir: string;
let log: EventLog;
let nowMs = 1_000;
const MINUTE_MS = 60_000;
const ALL = { personalIds: true };
const MASKED = { personalIds: false };

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ebap-letters-'));
  log = await openEmbeddedEventLog({ dir });
  for (const spec of topicSpecs('embedded')) await log.createTopic(spec);
});

afterAll(async () => {
  await log.close();
  await rm(dir, { recursive: true, force: true });
});

async function append(over: Partial<DeadLetter>, payload: string | Uint8Array, partition = 0): Promise<void> {
  const letter: DeadLetter = {
    v: 1,
    workspace: 'meridian',
    reason: 'invalid_id',
    message: 'The id is not a UUID.',
    source: null,
    id: 'edge/1',
    schemaId: null,
    firstSeenMs: 5,
    payload: Buffer.from(payload).toString('base64'),
    sealed: false,
    ...over,
  };
  await log.append(TOPICS.deadLetters, [{ partition, key: null, value: Buffer.from(JSON.stringify(letter)) }]);
}

function index(open: (payload: string) => Uint8Array | null = () => null): DeadLetterIndex {
  nowMs += 10_000;
  return new DeadLetterIndex({ log, open, nowMs: () => nowMs });
}

it('counts a letter once however often it was written, by reason and workspace', async () => {
  await append({ id: 'edge/1' }, '{}');
  await append({ id: 'edge/1' }, '{}');
  await append(
    { id: 'ebap.events.raw/0/7', reason: 'wrong_key', source: { topic: 't', partition: 0, offset: 7 } },
    '{}',
    1,
  );
  await append({ id: 'edge/other', workspace: 'acme' }, '{}', 2);
  await log.append(TOPICS.deadLetters, [{ partition: 3, key: null, value: Buffer.from('not a letter') }]);
  const letters = index();
  expect(await letters.groups('meridian')).toEqual([
    { reason: 'invalid_id', count: 1, lastSeenMs: 5 },
    { reason: 'wrong_key', count: 1, lastSeenMs: 5 },
  ]);
  expect((await letters.groups('acme')).map((group) => group.count)).toEqual([1]);
});

it('shows the newest first, and nothing of other workspaces', async () => {
  await append({ id: 'edge/new', firstSeenMs: 99 }, '{"user_id":"<img onerror=alert(1)>"}');
  const letters = index();
  const [newest] = await letters.list('meridian', 'invalid_id', 1, ALL);
  expect(newest).toMatchObject({ id: 'edge/new', preview: '{\n  "user_id": "<img onerror=alert(1)>"\n}' });
  expect(await letters.get('meridian', 'edge/other', ALL)).toBeNull();
  expect((await letters.get('acme', 'edge/other', ALL))?.id).toBe('edge/other');
});

it('counts what the edge refused by minute, also what its letters stand for, and nothing of the log', async () => {
  const reason = 'unknown_action';
  await append({ id: 'edge/a', workspace: 'initech', reason, firstSeenMs: 1 }, '{}');
  await append({ id: 'edge/b', workspace: 'initech', reason, firstSeenMs: MINUTE_MS + 1, omitted: 40 }, '{}', 1);
  await append({ id: 'edge/b', workspace: 'initech', reason, firstSeenMs: MINUTE_MS + 1, omitted: 40 }, '{}', 1);
  await append({ id: 't/0/1', workspace: 'initech', source: { topic: 't', partition: 0, offset: 1 } }, '{}', 2);
  const letters = index();
  const counted = [...(await letters.refusals('initech'))].map(([minuteMs, one]) => [minuteMs, one.get(reason)]);
  expect(counted).toEqual([
    [0, 1],
    [MINUTE_MS, 41],
  ]);
  expect((await letters.refusals('nobody')).size).toBe(0);
});

it('forgets refusals that the ledger no longer shows', async () => {
  const letters = index();
  expect((await letters.refusals('initech')).size).toBe(2);
  nowMs += 121 * MINUTE_MS;
  expect([...(await letters.refusals('initech')).keys()]).toEqual([MINUTE_MS]);
});

it('masks who a record is about for readers without the right to personal ids', async () => {
  await append({ id: 'masked', reason: 'invalid_amount' }, '{"user_id":"ada-1","metadata":{"note":"of ada-1"}}');
  const letters = index();
  const shown = await letters.get('meridian', 'masked', MASKED);
  expect(shown).toMatchObject({ isMasked: true });
  expect(shown?.preview).not.toContain('ada-1');
  expect((await letters.get('meridian', 'masked', ALL))?.preview).toContain('"user_id": "ada-1"');
});

it('follows the topic', async () => {
  const letters = index();
  await letters.groups('meridian');
  await append({ id: 'edge/later', reason: 'too_large' }, '{}', 3);
  nowMs += 1_000;
  expect((await letters.groups('meridian')).map((group) => group.reason)).toContain('too_large');
});

it('withholds sensitive values, also in text that is no JSON', async () => {
  await append({ id: 'a', reason: 'invalid_amount' }, '{"metadata":{"email":"ada@example.test","amount":-1}}');
  await append({ id: 'b', reason: 'invalid_amount' }, '{"email": "ada@example.test", oops');
  const previews = (await index().list('meridian', 'invalid_amount', 10, ALL)).map((letter) => letter.preview);
  expect(previews.join()).not.toContain('ada@');
  expect(previews.join()).toContain('"amount": -1');
});

it('shows Avro by its fields, other bytes as hexadecimal, sealed ones when it has the key', async () => {
  const event = encodeRawEvent(
    {
      workspaceId: 'meridian',
      id: '018f6c9e-8f43-7cc1-b0e4-3c2f0e5d9a10',
      userId: 'u-17',
      action: 'cart',
      timestampMs: 1_795_262_400_000,
      location: 'x',
      platform: 'ios',
      itemId: 'sku',
      amountUnits: null,
      currency: null,
      emailSealed: null,
      paymentHashSealed: null,
      extra: {},
      pseudonym: null,
    },
    1,
  );
  await append({ id: 'avro', reason: 'id_reused' }, event);
  await append({ id: 'bytes', reason: 'malformed_avro' }, Buffer.from([0, 255, 16]));
  await append({ id: 'sealed', reason: 'unknown_schema', sealed: true }, 'sealed text');
  const letters = index();
  expect((await letters.get('meridian', 'avro', ALL))?.preview).toContain('"action": "cart"');
  expect((await letters.get('meridian', 'avro', ALL))?.preview).toContain('"user_id": "u-17"');
  expect((await letters.get('meridian', 'avro', MASKED))?.preview).toContain('"user_id": "[masked]"');
  expect((await letters.get('meridian', 'bytes', ALL))?.preview).toBe('00 ff 10');
  expect((await letters.get('meridian', 'sealed', ALL))?.preview).toBeNull();
  const withKey = index((payload) => Buffer.from(payload, 'base64'));
  expect((await withKey.get('meridian', 'sealed', ALL))?.preview).toBe('sealed text');
});
