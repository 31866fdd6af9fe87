import { AppError } from '@ebap/pipeline/errors';
import { expect, it } from 'vitest';
import { answerOf, event } from '../testing/eventRequests.ts';
import { KEY_GLOBEX, startIngest } from '../testing/ingestHarness.ts';

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
