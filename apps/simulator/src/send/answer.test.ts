import { describe, expect, it } from 'vitest';
import { judge } from './answer.ts';

const answer = (status: number, body: unknown = {}, retryAfter?: string) => ({
  status,
  retryAfter,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

describe('an answer to a batch of 10', () => {
  it.each([
    ['all taken', answer(202, { accepted: 10, rejected: [] }), { kind: 'acknowledged', accepted: 10, rejected: [] }],
    [
      'some refused',
      answer(202, { accepted: 9, rejected: [{ index: 3, code: 'invalid_id', message: 'x' }] }),
      { kind: 'acknowledged', accepted: 9, rejected: [{ index: 3, code: 'invalid_id' }] },
    ],
    ['taken without a body', answer(202, ''), { kind: 'acknowledged', accepted: 10, rejected: [] }],
    ['no room now', answer(503, {}, '2'), { kind: 'again', retryAfterMs: 2_000, why: 'http_503' }],
    ['too fast', answer(429, {}, '1'), { kind: 'again', retryAfterMs: 1_000, why: 'http_429' }],
    ['a fault', answer(500), { kind: 'again', retryAfterMs: 0, why: 'http_500' }],
    ['an unknown key', answer(401), { kind: 'again', retryAfterMs: 5_000, why: 'http_401' }],
    ['too large', answer(413), { kind: 'split', why: 'http_413' }],
    ['unbearable', answer(400), { kind: 'split', why: 'http_400' }],
    ['none', { status: 0, reason: 'ECONNRESET' } as const, { kind: 'again', retryAfterMs: 0, why: 'no_answer' }],
  ])('%s', (_, given, expected) => {
    expect(judge(given, 10, 0)).toEqual(expected);
  });
});
