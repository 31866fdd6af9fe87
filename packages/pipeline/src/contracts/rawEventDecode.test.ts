import { describe, expect, test } from 'vitest';
import { rawEvent } from '../testing/events.ts';
import { AvroWriter } from './avroWriter.ts';
import { currencyCode, decodeRawEvent, encodeRawEvent, PLATFORMS, platformIndex, RawEventView } from './index.ts';

const utf8 = new TextEncoder();

interface Body {
  readonly id?: string;
  readonly action?: number;
  readonly platform?: string;
  readonly amount?: readonly number[];
  readonly currency?: string;
  readonly map?: (writer: AvroWriter) => void;
}

/** An event's Avro body written field by field, so that it can be wrong in one of them. */
function body(over: Body): Uint8Array {
  const w = new AvroWriter();
  w.string('meridian');
  w.string(over.id ?? '00000000-0000-4000-8000-000000000001');
  w.string('ada');
  w.long(over.action ?? 0);
  w.long(1_795_255_200_000);
  w.string('');
  w.string(over.platform ?? 'web');
  w.byte(0);
  w.byte(over.amount === undefined ? 0 : 2);
  if (over.amount !== undefined) w.bytes(Uint8Array.from(over.amount));
  w.byte(over.currency === undefined ? 0 : 2);
  if (over.currency !== undefined) w.string(over.currency);
  w.byte(0);
  w.byte(0);
  if (over.map === undefined) w.byte(0);
  else over.map(w);
  w.byte(0);
  return w.take();
}

function blockOfTooManyBytes(w: AvroWriter): void {
  w.long(-1);
  w.long(4_000);
}

function decode(over: Body): { readonly outcome: string; readonly view: RawEventView } {
  const bytes = body(over);
  const view = new RawEventView();
  return { outcome: decodeRawEvent(bytes, 0, bytes.length, view), view };
}

describe('a decoded event', () => {
  test.each([
    ['too short', '00000000-0000-4000-8000-00000000001'],
    ['without hyphens', '00000000x0000-4000-8000-000000000001'],
    ['with a letter that is no digit', '0000000g-0000-4000-8000-000000000001'],
  ])('with an id that is %s is invalid', (_, id) => {
    expect(decode({ id }).outcome).toBe('invalid_id');
  });

  test('has the same id in upper and lower case', () => {
    const lower = decode({ id: 'abcdef01-2345-4789-8bcd-ef0123456789' }).view;
    const upper = decode({ id: 'ABCDEF01-2345-4789-8BCD-EF0123456789' }).view;
    expect([upper.id0, upper.id1, upper.id2, upper.id3]).toEqual([lower.id0, lower.id1, lower.id2, lower.id3]);
  });

  test.each([4, -1, 1_000])('with action %d is decoded with no action', (action) => {
    expect(decode({ action })).toMatchObject({ outcome: 'ok', view: { action: -1 } });
  });

  test.each([
    ['negative', [0xff]],
    ['empty', []],
    ['of more than seven bytes', [0, 0, 0, 0, 0, 0, 0, 1]],
    ['beyond the safe integers', [0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ])('with an amount that is %s has none that can be used', (_, amount) => {
    expect(decode({ amount })).toMatchObject({ outcome: 'ok', view: { amountUnits: Number.NaN } });
  });

  test('reads amounts with leading zeros', () => {
    expect(decode({ amount: [0, 0, 1, 0] }).view.amountUnits).toBe(256);
  });

  test.each([
    ['eur', 0x45_55_52],
    ['EuR', 0x45_55_52],
    ['euro', -1],
    ['€', -1],
    ['E1R', -1],
  ])('with the currency %s has the code %d', (currency, code) => {
    expect(decode({ currency }).view.currency).toBe(code);
  });

  test('skips map blocks that say their size', () => {
    const map = (w: AvroWriter): void => {
      w.long(-1);
      w.long(4);
      w.string('a');
      w.string('b');
      w.byte(0);
    };
    expect(decode({ map }).outcome).toBe('ok');
  });

  test.each<[string, (writer: AvroWriter) => void]>([
    ['more entries than bytes', (w) => w.long(1_000_000_000)],
    ['a block longer than the record', blockOfTooManyBytes],
    ['a number of more than ten bytes', (w) => w.bytes(new Uint8Array(20).fill(0xff))],
  ])('with a map that announces %s is malformed', (_, map) => {
    expect(decode({ map }).outcome).toBe('malformed_avro');
  });

  test('with bytes left over is malformed', () => {
    const wire = encodeRawEvent(rawEvent(), 7);
    const longer = Uint8Array.from([...wire, 0]);
    expect(decodeRawEvent(longer, 5, longer.length, new RawEventView())).toBe('malformed_avro');
  });

  test('is read from the middle of a batch, and a text that reaches past its end is malformed', () => {
    const wire = encodeRawEvent(rawEvent({ pseudonym: 'p' }), 7);
    const batch = Uint8Array.from([...wire, ...wire]);
    const view = new RawEventView();
    expect(decodeRawEvent(batch, wire.length + 5, batch.length, view)).toBe('ok');
    expect(view.userStart).toBeGreaterThan(wire.length);
    expect(decodeRawEvent(batch, 5, wire.length - 1, view)).toBe('malformed_avro');
  });
});

test('platforms are told by their text in any case, everything else is other', () => {
  for (const [i, name] of PLATFORMS.entries())
    for (const text of [name, name.toUpperCase()]) expect(platformIndex(utf8.encode(text), 0, text.length)).toBe(i);
  for (const text of ['', 'tv', 'webs', 'iOS '])
    expect(PLATFORMS[platformIndex(utf8.encode(text), 0, text.length)]).toBe('other');
});

test('a currency code is its three letters, upper case', () => {
  expect(currencyCode(utf8.encode('usd'), 0)).toBe((85 << 16) | (83 << 8) | 68);
  expect(currencyCode(utf8.encode('u{d'), 0)).toBe(-1);
});
