import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Observation, observe, upSince, type WatchedState } from './engineState.ts';

const up: Observation = { kind: 'up' };
const slow: Observation = { kind: 'down', message: 'No answer within 2 s.' };
const failed: Observation = { kind: 'degraded', message: 'ebap-users has failed.' };
const unknown: Observation = { kind: 'unknown' };

/** The state after looks three seconds apart, two of a kind being believed. */
const after = (...looks: Observation[]): WatchedState =>
  looks.reduce((state, look, i) => observe(state, look, (i + 1) * 3_000, 2), upSince(0));

describe('what is believed of an engine', () => {
  it.each<[string, Observation[], Pick<WatchedState, 'state' | 'sinceMs'>]>([
    ['one slow answer is no outage', [up, slow], { state: 'up', sinceMs: 0 }],
    ['nor two with a good one between', [slow, up, slow], { state: 'up', sinceMs: 0 }],
    ['two in a row are, since the first', [up, slow, slow], { state: 'down', sinceMs: 6_000 }],
    ['an outage keeps its beginning', [slow, slow, slow, slow], { state: 'down', sinceMs: 3_000 }],
    ['one good answer ends it', [slow, slow, slow, up], { state: 'up', sinceMs: 12_000 }],
    ['an impairment may turn into an outage', [failed, failed, slow, slow], { state: 'down', sinceMs: 9_000 }],
    ['and an outage into an impairment', [slow, slow, failed], { state: 'degraded', sinceMs: 9_000 }],
    ['a look that can not tell changes nothing', [slow, slow, unknown], { state: 'down', sinceMs: 3_000 }],
    ['and ends a row', [slow, unknown, slow], { state: 'up', sinceMs: 0 }],
  ])('%s', (_, looks, expected) => expect(after(...looks)).toMatchObject(expected));

  it('the message is the newest, and none once all is well', () => {
    const refused: Observation = { kind: 'down', message: 'It refuses connections.' };
    expect(after(slow, slow, refused).message).toBe('It refuses connections.');
    expect(after(slow, slow, up).message).toBeNull();
  });
});

it('whatever was seen: good news ends a trouble at once, and the same bad news twice begins it', () =>
  fc.assert(
    fc.property(fc.array(fc.constantFrom(up, slow, failed, unknown), { maxLength: 40 }), (looks) => {
      const known = after(...looks);
      const nowMs = 1_000_000;
      expect(observe(known, up, nowMs, 2).state).toBe('up');
      expect(observe(observe(known, slow, nowMs, 2), slow, nowMs, 2).state).toBe('down');
      expect(known.sinceMs).toBeLessThanOrEqual(looks.length * 3_000);
      if (known.state !== 'up') expect(known.message).not.toBeNull();
    }),
  ));
