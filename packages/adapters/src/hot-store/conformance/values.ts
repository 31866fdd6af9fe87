import { randomUUID } from 'node:crypto';
import { MAX_FLUSH_FIELDS } from '@ebap/pipeline/ports';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codeOf } from '../../testing/codeOf.ts';
import { flushOf, type Made, write } from './storeUnderTest.ts';

/** What is written is read, by every handle. */
export function describeValues(made: Made): void {
  test('a flush is read back by every handle', async () => {
    const { store, other, id } = made();
    await store.flush(flushOf(id, 1, [write(id, 'b', '2'), write(id, 'a', 'é✓'), write(id, 'empty', '')]));
    const wanted = new Map([
      ['a', 'é✓'],
      ['b', '2'],
      ['empty', ''],
    ]);
    expect(new Map(await store.readHash(id))).toEqual(wanted);
    expect(new Map(await other.readHash(id))).toEqual(wanted);
  });

  test('what is not there is empty', async () => {
    const { store, id } = made();
    expect((await store.readHash(id)).size).toBe(0);
    expect(await store.readFields([id], ['a', 'b'])).toEqual([[null, null]]);
    expect(await store.readFields([], ['a'])).toEqual([]);
  });

  test('reads the same fields of many hashes, in the order asked for', async () => {
    const { store, id } = made();
    await store.flush(
      flushOf(id, 1, [write(`${id}1`, 'x', '1x'), write(`${id}1`, 'y', '1y'), write(`${id}2`, 'y', '2y')]),
    );
    expect(await store.readFields([`${id}2`, `${id}3`, `${id}1`], ['y', 'x', 'y'])).toEqual([
      ['2y', null, '2y'],
      [null, null, null],
      ['1y', '1x', '1y'],
    ]);
  });

  test('later flushes add, replace and remove fields', async () => {
    const { store, id } = made();
    await store.flush(flushOf(id, 1, [write(id, 'a', '1'), write(id, 'b', '1'), write(id, 'c', '1')]));
    await store.flush(
      flushOf(id, 2, [write(id, 'b', '22'), write(id, 'c', null), write(id, 'd', '4'), write(id, 'no', null)]),
    );
    expect(Object.fromEntries(await store.readHash(id))).toEqual({ a: '1', b: '22', d: '4' });
    await store.flush(flushOf(id, 3, [write(id, 'a', null), write(id, 'b', null), write(id, 'd', null)]));
    expect((await store.readHash(id)).size).toBe(0);
  });

  test('within a flush the last write of a field counts', async () => {
    const { store, id } = made();
    await store.flush(flushOf(id, 1, [write(id, 'a', '1'), write(id, 'a', null), write(id, 'a', '3')]));
    expect(Object.fromEntries(await store.readHash(id))).toEqual({ a: '3' });
  });

  test('takes as many fields as promised, and refuses one more', async () => {
    const { store, id } = made();
    const writes = Array.from({ length: MAX_FLUSH_FIELDS + 1 }, (_, i) => write(`${id}${i % 7}`, `f${i}`, `${i}`));
    expect(await codeOf(store.flush(flushOf(id, 1, writes)))).toBe('bad_request');
    expect((await store.readHash(`${id}0`)).size).toBe(0);
    expect(await codeOf(store.flush(flushOf(id, 1, writes.slice(0, MAX_FLUSH_FIELDS))))).toBe('ok');
    const sizes = await Promise.all([0, 1, 2, 3, 4, 5, 6].map(async (i) => (await store.readHash(`${id}${i}`)).size));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(MAX_FLUSH_FIELDS);
  });

  test('any sequence of flushes leaves what a plain map would hold', async () => {
    const { store } = made();
    const someWrite = fc.record({
      key: fc.constantFrom('k1', 'k2'),
      field: fc.constantFrom('a', 'aa', 'ab', 'b', 'ü', '~', ''),
      value: fc.option(fc.string({ maxLength: 12, unit: 'grapheme' })),
    });
    const flushes = fc.array(fc.array(someWrite, { maxLength: 8 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(flushes, async (all) => {
        const id = randomUUID();
        const model = new Map<string, Map<string, string>>();
        for (const [i, writes] of all.entries()) {
          await store.flush(
            flushOf(
              id,
              i + 1,
              writes.map(({ key, field, value }) => write(id + key, field, value)),
            ),
          );
          for (const { key, field, value } of writes) {
            const hash = model.get(key) ?? new Map();
            if (value === null) hash.delete(field);
            else hash.set(field, value);
            model.set(key, hash);
          }
        }
        for (const key of ['k1', 'k2'])
          expect(new Map(await store.readHash(id + key))).toEqual(model.get(key) ?? new Map());
      }),
      { numRuns: 40 },
    );
  });
}
