import type { HotFlush, HotWrite } from '@ebap/pipeline/ports';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assertAcceptable, flushParts } from './flushParts.ts';
import { tagOf } from './names.ts';

const write = (key: string, field: string, value: string | null, expiresAtMs = 1): HotWrite => ({
  key,
  field,
  value,
  expiresAtMs,
});
const flushOf = (writes: readonly HotWrite[], changes: HotFlush['changes'] = []): HotFlush => ({
  fence: { scope: 's', epoch: 1, offset: 1 },
  writes,
  changes,
});
const tagsOf = (flush: HotFlush) => flushParts(flush).map(({ tag }) => tag);

describe('the parts of a flush', () => {
  test('one per hash tag, the default tag last, and one where there is nothing', () => {
    expect(tagsOf(flushOf([write('k', 'f', '1'), write('{a}', 'f', '1'), write('{b}', 'f', '1')]))).toEqual([
      'a',
      'b',
      '_',
    ]);
    expect(tagsOf(flushOf([]))).toEqual(['_']);
  });

  test('of a hash the last write of a field and the latest expiry count', () => {
    const [part] = flushParts(
      flushOf([write('{a}', 'f', '1', 9), write('{a}', 'f', null, 5), write('{a}', 'g', '2', 7)]),
    );
    expect(part?.hashes).toEqual([
      {
        redisKey: '{a}',
        expiresAtMs: 9,
        fields: new Map([
          ['f', null],
          ['g', '2'],
        ]),
      },
    ]);
  });

  test.each([
    ['goes with the values if they have one tag', [write('{a}', 'f', '1')], ['a']],
    ['comes after the values of several', [write('{a}', 'f', '1'), write('{b}', 'f', '1')], ['a', 'b', '_']],
  ])('a topic without keys %s', (_, writes, tags) => {
    const parts = flushParts(flushOf(writes, [{ topic: 't', keys: [] }]));
    expect(parts.map(({ tag }) => tag)).toEqual(tags);
    expect([...(parts.at(-1)?.changes.keys() ?? [])]).toEqual(['t']);
  });

  test('hold every write and every changed key once, in the part of its tag', () => {
    const key = fc.constantFrom('{a}:1', '{a}:2', '{b}:1', 'c', '{_}:d');
    const writes = fc.array(
      fc.record({ key, field: fc.constantFrom('f', 'g'), value: fc.option(fc.string()), expiresAtMs: fc.nat() }),
    );
    const changes = fc.array(fc.record({ topic: fc.constantFrom('t', 'u'), keys: fc.array(key, { minLength: 1 }) }));
    fc.assert(
      fc.property(writes, changes, (someWrites, someChanges) => {
        const parts = flushParts(flushOf(someWrites, someChanges));
        expect(new Set(parts.map(({ tag }) => tag)).size).toBe(parts.length);
        for (const { tag, hashes, changes } of parts) {
          for (const { redisKey } of hashes) expect(tagOf(redisKey)).toBe(tag);
          for (const keys of changes.values()) for (const one of keys) expect(tagOf(one)).toBe(tag);
        }
        const fields = parts.flatMap((part) => part.hashes.flatMap((hash) => [...hash.fields.keys()]));
        expect(fields).toHaveLength(new Set(someWrites.map((one) => `${one.key} ${one.field}`)).size);
        const changed = parts.flatMap((part) => [...part.changes].flatMap(([t, keys]) => [...keys].map((k) => t + k)));
        expect(new Set(changed)).toEqual(new Set(someChanges.flatMap(({ topic, keys }) => keys.map((k) => topic + k))));
      }),
    );
  });

  test.each([
    ['an empty key', flushOf([write('', 'f', '1')])],
    ['a key too long', flushOf([write('k'.repeat(2_000), 'f', '1')])],
    ['an expiry that is none', flushOf([write('k', 'f', '1', Number.NaN)])],
    ['an empty topic', flushOf([], [{ topic: '', keys: [] }])],
    ['a fence that is no whole number', { ...flushOf([]), fence: { scope: 's', epoch: 1.5, offset: 1 } }],
  ])('%s is `bad_request`', (_, flush) => {
    expect(() => assertAcceptable(flush)).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });
});
