import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LiveUrlState, liveUrlParams, parseLiveUrl, rangeFromStretch, trailingForRange } from './urlState.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe('the Live address', () => {
  it('says nothing about what is as by default', () => {
    expect(liveUrlParams(parseLiveUrl(new URLSearchParams())).toString()).toBe('');
  });

  it('says a range that was chosen, though it be the one shown without choice', () => {
    const chosen = {
      ...parseLiveUrl(new URLSearchParams()),
      range: { kind: 'trailing', trailingMs: 3 * HOUR_MS },
    } as const;
    expect(liveUrlParams(chosen).toString()).toBe('range=3h');
  });

  it('gives back every state it was given', () => {
    const state: fc.Arbitrary<LiveUrlState> = fc.record({
      range: fc.oneof(
        fc.constant(null),
        fc
          .constantFrom(15 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, 24 * HOUR_MS)
          .map((trailingMs) => ({ kind: 'trailing' as const, trailingMs })),
        fc
          .tuple(fc.nat(2e12), fc.integer({ min: 1, max: 1e8 }))
          .map(([fromMs, lengthMs]) => ({ kind: 'fixed' as const, fromMs, toMs: fromMs + lengthMs })),
      ),
      zone: fc.constantFrom(null, 'UTC', 'Asia/Kolkata'),
      platform: fc.constantFrom(null, 'web', 'ios'),
      region: fc.constantFrom(null, 'eu-west-1'),
      feedActions: fc.constantFrom([], ['cart'], ['cart', 'purchase']),
      panel: fc.constantFrom(null, 'orders'),
      tables: fc.constantFrom([], ['orders', 'now']),
    });
    fc.assert(
      fc.property(state, (one) => {
        expect(parseLiveUrl(new URLSearchParams(liveUrlParams(one).toString()))).toEqual(one);
      }),
    );
  });

  it('takes nothing that it would not write', () => {
    const hostile =
      'range=9y&tz=Mars/Base&platform=%3Cb%3E&region=..%2F..&actions=drop&panel=%22%3E&table=a%22&from=x&to=y';
    expect(liveUrlParams(parseLiveUrl(new URLSearchParams(hostile))).toString()).toBe('');
  });

  it('a dragged stretch follows now only if it ends there and has an offered length', () => {
    const nowMs = 100 * HOUR_MS;
    expect(rangeFromStretch(nowMs - HOUR_MS, nowMs, nowMs)).toEqual({ kind: 'trailing', trailingMs: HOUR_MS });
    expect(rangeFromStretch(nowMs - 2 * HOUR_MS, nowMs, nowMs).kind).toBe('fixed');
    expect(rangeFromStretch(nowMs - 3 * HOUR_MS, nowMs - 2 * HOUR_MS, nowMs).kind).toBe('fixed');
  });

  it('asks for the smallest span that reaches back far enough', () => {
    const nowMs = 100 * HOUR_MS;
    expect(trailingForRange({ kind: 'fixed', fromMs: nowMs - 90 * MINUTE_MS, toMs: nowMs }, nowMs)).toBe(3 * HOUR_MS);
    expect(trailingForRange({ kind: 'fixed', fromMs: 0, toMs: 1 }, nowMs)).toBe(24 * HOUR_MS);
  });
});
