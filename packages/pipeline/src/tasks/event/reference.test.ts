import { describe, expect, test } from 'vitest';
import { currencyCode } from '../../contracts/index.ts';
import { throughBytes } from '../../testing/memorySnapshot.ts';
import type { ChangeEnvelope } from './changeEnvelope.ts';
import { Reference } from './reference.ts';

const code = (text: string): number => currencyCode(new TextEncoder().encode(text), 0);
type Row = Readonly<Record<string, unknown>>;
const put = (table: string, after: Row): ChangeEnvelope => ({ op: 'c', table, before: null, after, commitMs: 0 });
const remove = (table: string, before: Row): ChangeEnvelope => ({ op: 'd', table, before, after: null, commitMs: 0 });

function made(...changes: readonly ChangeEnvelope[]): Reference {
  const reference = new Reference();
  for (const change of changes) reference.apply(change);
  return reference;
}

const locate = (reference: Reference, text: string): string => {
  const bytes = new TextEncoder().encode(text);
  return reference.regions.code(reference.regions.locate(bytes, 0, bytes.length));
};

describe('the reference', () => {
  const acme = { id: 'acme', currency: 'usd' };
  const ireland = { code: 'eu-west-1', name: 'Ireland', lat: '53.3', lng: -6.3 };
  const usd = { currency: 'USD', rate: '0.9', valid_from: 1_000 };
  const eur = { currency: 'EUR', rate: 1, valid_from: 0 };

  test('knows workspaces, regions and rates until they are taken away', () => {
    const reference = made(put('workspaces', acme), put('regions', ireland), put('rates', usd), put('rates', eur));
    expect(reference.workspace('acme')).toEqual({ id: 'acme', currency: code('USD') });
    expect(locate(reference, 'ireland')).toBe('eu-west-1');
    expect(reference.rates.convert(100, code('USD'), code('EUR'), 1_000)).toBe(90);
    for (const change of [remove('workspaces', acme), remove('regions', ireland), remove('rates', usd)])
      reference.apply(change);
    expect(reference.workspace('acme')).toBeUndefined();
    expect(locate(reference, 'ireland')).toBe('unknown');
    expect(reference.rates.convert(100, code('USD'), code('EUR'), 1_000)).toBeNull();
  });

  test('ignores other tables and changes without a row', () => {
    const reference = made(put('rules', { id: 'x' }), {
      op: 'd',
      table: 'workspaces',
      before: null,
      after: null,
      commitMs: 0,
    });
    expect(reference.toSection()).toEqual(new Reference().toSection());
  });

  test.each<[string, Row]>([
    ['a rate that is no number', { ...usd, rate: 'soon' }],
    ['a rate that is missing', { ...usd, rate: null }],
    ['a rate that JSON writes with exponent', { ...usd, rate: 1e-7 }],
    ['a rate from no time on', { ...usd, valid_from: 'soon' }],
  ])('ignores %s, before and after a restore', (_, row) => {
    const reference = made(put('rates', eur), put('rates', row));
    expect(reference.rates.convert(100, code('USD'), code('EUR'), 1_000)).toBeNull();
    const restored = Reference.fromSections(throughBytes([reference.toSection()]));
    expect(restored.rates.toJSON()).toEqual(made(put('rates', eur)).rates.toJSON());
  });

  test('gives a workspace without a proper currency none that any rate knows', () => {
    expect(made(put('workspaces', { id: 'a', currency: 'euro' })).workspace('a')?.currency).toBe(-1);
  });

  test('is the same after a restore', () => {
    const reference = made(
      put('workspaces', acme),
      put('regions', ireland),
      put('rates', usd),
      remove('regions', ireland),
    );
    const restored = Reference.fromSections(throughBytes([reference.toSection()]));
    expect(restored.toSection()).toEqual(reference.toSection());
    expect(restored.workspace('acme')).toEqual(reference.workspace('acme'));
  });
});
