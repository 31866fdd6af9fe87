import { decodeRawEvent, encodeRawEvent, MAX_AMOUNT_UNITS, RawEventView } from '@ebap/pipeline/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEventRecord } from './eventRecord.ts';
import { parseIdentifyCall } from './segment/identifyCall.ts';
import { parseTrackCall } from './segment/trackCall.ts';

const NOW_MS = 1_795_262_400_000;

/** Any JSON, and records that are almost right: sound fields mixed with any JSON. */
const json = fc.jsonValue({ maxDepth: 4 });
const or = <T>(sound: fc.Arbitrary<T>) => fc.oneof({ weight: 4, arbitrary: sound }, { weight: 1, arbitrary: json });
const almostRecord = fc.record(
  {
    id: or(fc.uuid()),
    user_id: or(fc.string({ minLength: 1, maxLength: 40, unit: 'binary' })),
    action: or(fc.constantFrom('view', 'cart', 'purchase', 'login')),
    timestamp: or(fc.integer({ min: NOW_MS - 1e9, max: NOW_MS })),
    location: or(fc.constantFrom('eu-central-1', '50.1,8.7')),
    metadata: or(
      fc.dictionary(
        fc.oneof(fc.constantFrom('amount', 'currency', 'email', 'platform', 'item_id', '__proto__'), fc.string()),
        or(fc.oneof(fc.double({ min: 0, max: 1e8, noNaN: true }), fc.string())),
        { maxKeys: 8 },
      ),
    ),
  },
  { requiredKeys: [] },
);

/** What a producer's bytes become on the way in. */
const received = (value: unknown): unknown => JSON.parse(JSON.stringify(value) ?? 'null');

describe('a record', () => {
  it('is accepted or refused with a reason, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(json, almostRecord), (value) => {
        const outcome = parseEventRecord(received(value), NOW_MS);
        if (!outcome.ok) expect(outcome.rejection.message).not.toBe('');
      }),
      { numRuns: 2_000 },
    );
  });

  it('that is accepted goes onto the log and comes back as what the worker accepts', () => {
    let accepted = 0;
    fc.assert(
      fc.property(almostRecord, (value) => {
        const outcome = parseEventRecord(received(value), NOW_MS);
        if (!outcome.ok) return;
        accepted++;
        const { email: _email, paymentHash: _paymentHash, ...event } = outcome.event;
        const sealed = { emailSealed: null, paymentHashSealed: null, pseudonym: null };
        const bytes = encodeRawEvent({ workspaceId: 'w', ...event, ...sealed }, 1);
        const view = new RawEventView();
        expect(decodeRawEvent(bytes, 5, bytes.length, view)).toBe('ok');
        expect(Buffer.from(bytes.subarray(view.userStart, view.userEnd)).toString()).toBe(event.userId);
        expect(view.timestampMs).toBe(event.timestampMs);
        expect(view.amountUnits).toBe(event.amountUnits ?? -1);
        expect(view.amountUnits <= MAX_AMOUNT_UNITS).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });

  it('never changes what all objects share', () => {
    const hostile: unknown = JSON.parse(
      '{"__proto__":{"polluted":1},"metadata":{"constructor":{"prototype":{"polluted":1}}}}',
    );
    expect(parseEventRecord(hostile, NOW_MS).ok).toBe(false);
    expect('polluted' in {}).toBe(false);
  });
});

describe("a Segment library's call", () => {
  it('never fails, whatever it holds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), json, json, (call, properties, context) => {
        const whole = { ...call, userId: 'u', properties, context, traits: properties };
        const { outcome } = parseTrackCall(received(whole) as Record<string, unknown>, 'purchase', NOW_MS);
        expect(typeof outcome.ok).toBe('boolean');
        expect(parseIdentifyCall(received(whole) as Record<string, unknown>)).toMatchObject({
          profile: { userId: 'u' },
        });
      }),
      { numRuns: 1_000 },
    );
  });
});
