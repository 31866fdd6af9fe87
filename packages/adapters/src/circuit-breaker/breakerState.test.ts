import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { admit, type BreakerState, type CallOutcome, CLOSED, settle } from './breakerState.ts';

const policy = { faultsToOpen: 3, hangMs: 3_000, openMs: 1_000 };
const open: BreakerState = { kind: 'open', sinceMs: 0, untilMs: 1_000 };
const halfOpen: BreakerState = { kind: 'half_open', sinceMs: 0 };

const after = (outcomes: readonly CallOutcome[], nowMs = 0): BreakerState =>
  outcomes.reduce((state, outcome) => settle(state, outcome, false, nowMs, policy), CLOSED);

describe('closed', () => {
  test.each<[string, CallOutcome[], BreakerState['kind']]>([
    ['one fault is borne', ['fault'], 'closed'],
    ['an answer ends the row', ['fault', 'fault', 'answered', 'fault', 'fault'], 'closed'],
    ['three faults in a row open it', ['fault', 'fault', 'fault'], 'open'],
    ['a call that hangs opens it at once', ['hung'], 'open'],
  ])('%s', (_, outcomes, kind) => expect(after(outcomes).kind).toBe(kind));
});

describe('open', () => {
  test('refuses and says how long', () =>
    expect(admit(open, 400, policy)).toEqual({ state: open, admission: { kind: 'refuse', retryAfterMs: 600 } }));

  test('lets one probe out after its time', () =>
    expect(admit(open, 1_000, policy)).toEqual({ state: halfOpen, admission: { kind: 'call', isProbe: true } }));

  test('faults of calls that were out before do not put the probe off', () =>
    expect(settle(open, 'hung', false, 900, policy)).toBe(open));

  test('a late answer of a call that was given up closes it', () =>
    expect(settle(open, 'answered', false, 100, policy)).toBe(CLOSED));
});

describe('half open', () => {
  test('refuses while the probe is out', () =>
    expect(admit(halfOpen, 5_000, policy).admission).toEqual({ kind: 'refuse', retryAfterMs: 1_000 }));

  test.each(['fault', 'hung'] as const)('a probe’s %s opens it again, since when it was opened', (outcome) =>
    expect(settle(halfOpen, outcome, true, 7_000, policy)).toEqual({ kind: 'open', sinceMs: 0, untilMs: 8_000 }),
  );

  test('another call’s fault is no word about the probe', () =>
    expect(settle(halfOpen, 'fault', false, 7_000, policy)).toBe(halfOpen));
});

/** A run of callers against an engine that is up or down by turns, with a clock that only moves on. */
const steps = fc.array(
  fc.record({ waitMs: fc.integer({ min: 0, max: 2_500 }), isUp: fc.boolean(), hangs: fc.boolean() }),
  { maxLength: 60 },
);

test('never two probes at a time, never a refusal beyond the open time, and an engine that stays up gets calls again', () =>
  fc.assert(
    fc.property(steps, (all) => {
      let state = CLOSED;
      let nowMs = 0;
      let probe: CallOutcome | null = null;
      for (const { waitMs, isUp, hangs } of all) {
        nowMs += waitMs;
        if (probe !== null && waitMs > 0) {
          state = settle(state, probe, true, nowMs, policy);
          probe = null;
        }
        const step = admit(state, nowMs, policy);
        state = step.state;
        const { admission } = step;
        if (admission.kind === 'refuse') {
          expect(admission.retryAfterMs).toBeGreaterThan(0);
          expect(admission.retryAfterMs).toBeLessThanOrEqual(policy.openMs);
          continue;
        }
        const outcome: CallOutcome = isUp ? 'answered' : hangs ? 'hung' : 'fault';
        if (admission.isProbe) {
          expect(probe).toBeNull();
          probe = outcome;
        } else state = settle(state, outcome, false, nowMs, policy);
      }
      if (probe !== null) state = settle(state, 'answered', true, nowMs, policy);
      const { state: later, admission } = admit(state, nowMs + policy.openMs, policy);
      expect(admission.kind).toBe('call');
      expect(settle(later, 'answered', true, nowMs + policy.openMs, policy)).toBe(CLOSED);
    }),
  ));
