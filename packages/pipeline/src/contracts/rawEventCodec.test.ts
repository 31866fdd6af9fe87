import avro from 'avsc';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACTIONS, PLATFORMS } from './dimensions.ts';
import { MAX_AMOUNT_UNITS, RAW_EVENT_SCHEMA, type RawEvent } from './rawEvent.ts';
import { decodeRawEvent, RawEventView } from './rawEventDecode.ts';
import { encodeRawEvent } from './rawEventEncode.ts';

const text = new TextDecoder();
const type = avro.Type.forSchema(structuredClone(RAW_EVENT_SCHEMA) as unknown as avro.Schema);

const events = fc.record({
  workspaceId: fc.string({ minLength: 1, unit: 'grapheme' }),
  id: fc.uuid(),
  userId: fc.string({ minLength: 1, unit: 'binary' }).map((s) => s.toWellFormed()),
  action: fc.constantFrom(...ACTIONS),
  timestampMs: fc.integer({ min: -1e12, max: 4e12 }),
  location: fc.string(),
  platform: fc.constantFrom(...PLATFORMS),
  itemId: fc.option(fc.string()),
  amountUnits: fc.option(fc.integer({ min: 0, max: MAX_AMOUNT_UNITS })),
  currency: fc.option(fc.constantFrom('EUR', 'USD', 'JPY')),
  emailSealed: fc.option(fc.uint8Array({ maxLength: 64 })),
  paymentHashSealed: fc.option(fc.uint8Array({ maxLength: 64 })),
  // The other implementation reads maps into plain objects, which can't hold this key.
  extra: fc.dictionary(
    fc.string().filter((key) => key !== '__proto__'),
    fc.string(),
    { noNullPrototype: true },
  ),
  pseudonym: fc.option(fc.string()),
}) satisfies fc.Arbitrary<RawEvent>;

const EXAMPLE: RawEvent = {
  workspaceId: 'acme',
  id: '00000000-0000-4000-8000-000000000001',
  userId: 'ada',
  action: 'purchase',
  timestampMs: 1_795_255_200_000,
  location: 'eu-west-1',
  platform: 'web',
  itemId: null,
  amountUnits: 749_000,
  currency: 'EUR',
  emailSealed: null,
  paymentHashSealed: null,
  extra: {},
  pseudonym: null,
};

describe('the raw event codec', () => {
  test('writes what an independent Avro implementation reads', () => {
    fc.assert(
      fc.property(events, (event) => {
        const wire = encodeRawEvent(event, 7);
        expect([...wire.subarray(0, 5)]).toEqual([0, 0, 0, 0, 7]);
        const read = type.fromBuffer(Buffer.from(wire.subarray(5)));
        expect(read.user_id).toBe(event.userId);
        expect(read.timestamp).toBe(event.timestampMs);
        expect(read.action).toBe(event.action);
        const amount =
          read.metadata.amount === null
            ? null
            : Number(BigInt.asIntN(64, BigInt(`0x${read.metadata.amount.toString('hex')}`)));
        expect(amount).toBe(event.amountUnits);
        expect({ ...read.metadata.extra }).toEqual(event.extra);
      }),
    );
  });

  test('decodes in place what it wrote', () => {
    const view = new RawEventView();
    fc.assert(
      fc.property(events, (event) => {
        const wire = encodeRawEvent(event, 7);
        expect(decodeRawEvent(wire, 5, wire.length, view)).toBe('ok');
        expect(text.decode(wire.subarray(view.userStart, view.userEnd))).toBe(event.userId);
        expect(view.timestampMs).toBe(event.timestampMs);
        expect(ACTIONS[view.action]).toBe(event.action);
        expect(PLATFORMS[view.platform]).toBe(event.platform);
        expect(view.amountUnits).toBe(event.amountUnits ?? -1);
        const words = [view.id0, view.id1, view.id2, view.id3].map((w) => w.toString(16).padStart(8, '0')).join('');
        expect(words).toBe(event.id.replaceAll('-', ''));
        expect(
          view.pseudonymStart < 0 ? null : text.decode(wire.subarray(view.pseudonymStart, view.pseudonymEnd)),
        ).toBe(event.pseudonym);
      }),
    );
  });

  test('keeps no bytes of an event that it refused to write', () => {
    const expected = encodeRawEvent(EXAMPLE, 7);
    const refused = { ...EXAMPLE, workspaceId: 'meridian', timestampMs: 1.5 };
    expect(() => encodeRawEvent(refused, 7)).toThrowError(expect.objectContaining({ code: 'internal' }));
    expect(encodeRawEvent(EXAMPLE, 7)).toEqual(expected);
  });

  test('reads an empty currency as none', () => {
    const view = new RawEventView();
    const currencyIn = (currency: string | null): number => {
      const wire = encodeRawEvent({ ...EXAMPLE, currency }, 7);
      expect(decodeRawEvent(wire, 5, wire.length, view)).toBe('ok');
      return view.currency;
    };
    expect(currencyIn('')).toBe(currencyIn(null));
  });

  test('calls any truncation malformed', () => {
    const view = new RawEventView();
    fc.assert(
      fc.property(events, fc.nat(), (event, cut) => {
        const wire = encodeRawEvent(event, 7);
        const end = 5 + (cut % (wire.length - 5));
        expect(decodeRawEvent(wire, 5, end, view)).not.toBe('ok');
      }),
    );
  });

  test('survives any bytes', () => {
    const view = new RawEventView();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(['ok', 'malformed_avro', 'invalid_id']).toContain(decodeRawEvent(bytes, 0, bytes.length, view));
      }),
      { numRuns: 2_000 },
    );
  });
});
