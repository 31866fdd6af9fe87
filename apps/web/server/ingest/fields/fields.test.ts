import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountUnits, decimalUnits } from './amount.ts';
import { locationText } from './location.ts';
import { foldPlatform } from './platform.ts';
import { truncateBytes } from './text.ts';
import { timestampMs } from './timestamp.ts';
import { MESSAGE_ID_NAMESPACE, normaliseUuid, uuidV5 } from './uuid.ts';

describe('an amount', () => {
  it.each([
    [74.9, 749_000],
    ['74.90', 749_000],
    [0, 0],
    [-0, 0],
    ['0.00005', 0],
    ['0.00015', 2],
    ['0.00025', 2],
    [0.00025, 2],
    ['0.000250000000000000000001', 3],
    ['1e2', 1_000_000],
    ['1.5E-3', 15],
    ['1e-9', 0],
    [1e8, 1e12],
    ['100000000.00', 1e12],
    [' 12 ', 120_000],
    [0.1 + 0.2, 3_000],
  ])('%s is %s units', (value, units) => {
    expect(amountUnits(value)).toBe(units);
  });

  it.each([
    -1,
    '-0.01',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    'NaN',
    'Infinity',
    '1e999',
    '100000000.01',
    1e9,
    '',
    '.',
    '1,5',
    '0x10',
    '1 2',
    true,
    null,
    {},
    [1],
    '9'.repeat(500),
  ])('is not %s', (value) => {
    expect(amountUnits(value)).toBeNaN();
  });

  it('is the same as number and as its decimal text', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e8, noNaN: true }), (value) => {
        expect(amountUnits(value)).toBe(decimalUnits(String(value)));
      }),
    );
  });

  it('keeps four decimal places exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (units) => {
        const text = `${Math.floor(units / 10_000)}.${String(units % 10_000).padStart(4, '0')}`;
        expect(amountUnits(text)).toBe(units);
        expect(amountUnits(Number(text))).toBe(units);
      }),
    );
  });
});

describe('a timestamp', () => {
  it('reads every time that toISOString writes', () => {
    const years = { min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true };
    fc.assert(
      fc.property(fc.date(years), (date) => {
        expect(timestampMs(date.toISOString())).toBe(date.getTime());
      }),
    );
  });

  it.each([
    ['2026-11-21T10:00:00Z', Date.UTC(2026, 10, 21, 10)],
    ['2026-11-21T10:00Z', Date.UTC(2026, 10, 21, 10)],
    ['2026-11-21 10:00:00.5+02:00', Date.UTC(2026, 10, 21, 8, 0, 0, 500)],
    ['2026-11-21T10:00:00.123456789-0530', Date.UTC(2026, 10, 21, 15, 30, 0, 123)],
    [1_795_000_000_123, 1_795_000_000_123],
  ])('%s is understood', (value, ms) => {
    expect(timestampMs(value)).toBe(ms);
  });

  it.each([
    '2026-11-21T10:00:00',
    '2026-11-21',
    '2026-02-30T10:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-21T24:01:00Z',
    '2026-11-21T10:61:00Z',
    'yesterday',
    '1795000000123',
    '',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    {},
  ])('is not %s', (value) => {
    expect(timestampMs(value)).toBeNaN();
  });
});

describe('a location', () => {
  it.each([
    ['50.1,8.7', '50.1,8.7'],
    [' us-east-1 ', 'us-east-1'],
    [[50.1, 8.7], '50.1,8.7'],
    [{ lat: 50.1, lng: '8.7' }, '50.1,8.7'],
    [{ latitude: 1, longitude: 2, city: 'x' }, '1,2'],
    [{ region: 'eu-west-1' }, 'eu-west-1'],
    [undefined, ''],
    [null, ''],
  ])('%j is %s', (value, text) => {
    expect(locationText(value)).toBe(text);
  });

  it.each([[[91, 0]], [[1]], [{}], [{ lat: 1 }], [7], [true], ['x'.repeat(200)], ['\ud800']])('is not %j', (value) => {
    expect(locationText(value)).toBeNull();
  });
});

describe('an id', () => {
  it('is a UUID in any case, written in lower case', () => {
    expect(normaliseUuid('018F6C9E-8F43-7CC1-B0E4-3C2F0E5D9A10')).toBe('018f6c9e-8f43-7cc1-b0e4-3c2f0e5d9a10');
    expect(normaliseUuid('018f6c9e8f437cc1b0e43c2f0e5d9a10')).toBeNull();
    expect(normaliseUuid('018f6c9e-8f43-7cc1-b0e4-3c2f0e5d9a1g')).toBeNull();
  });

  it('is made the same from the same message id (RFC 9562, appendix A.4)', () => {
    expect(uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    );
    expect(uuidV5(MESSAGE_ID_NAMESPACE, 'node-next-1')).toBe(uuidV5(MESSAGE_ID_NAMESPACE, 'node-next-1'));
  });
});

describe('text', () => {
  it('is cut between characters', () => {
    expect(truncateBytes('añb', 2)).toBe('a');
    expect(truncateBytes('añb', 3)).toBe('añ');
    expect(truncateBytes('😀😀', 7)).toBe('😀');
  });

  it('of a platform is folded', () => {
    expect(['iOS', 'ANDROID', 'Browser', 'pos', 'smart-fridge', ''].map(foldPlatform)).toEqual([
      'ios',
      'android',
      'web',
      'pos',
      'other',
      'other',
    ]);
  });
});
