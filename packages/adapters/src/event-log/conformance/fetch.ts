import { expect, test } from 'vitest';
import { codeOf } from '../../testing/codeOf.ts';
import { type Made, type NewTopic, readAll, record, recordsOf, utf8, valuesOf } from './logUnderTest.ts';

/** What a fetch returns: the bytes as they were, from anywhere, in any pieces. */
export function describeFetch(made: Made, newTopic: NewTopic): void {
  test('returns keys, values and headers as they were written; null is not empty', async () => {
    const topic = await newTopic(1);
    const binary = new Uint8Array([0, 255, 128, 10, 13]);
    await made().log.append(topic, [
      {
        partition: 0,
        key: binary,
        value: new Uint8Array(0),
        headers: { 'trace-id': binary, empty: new Uint8Array(0) },
      },
      { partition: 0, key: new Uint8Array(0), value: null },
      { partition: 0, key: null, value: binary },
    ]);
    const found = recordsOf(await made().log.fetch(topic, 0, 0));
    const plain = found.map(({ offset, key, value }) => [offset, key && [...key], value && [...value]]);
    expect(plain).toEqual([
      [0, [...binary], []],
      [1, [], null],
      [2, null, [...binary]],
    ]);
    expect([...(found[0]?.headers?.['trace-id'] ?? [])]).toEqual([...binary]);
    expect(found[0]?.headers?.empty?.length).toBe(0);
    expect(found[1]?.headers).toBeUndefined();
  });

  test('begins anywhere, also inside what was appended at once', async () => {
    const topic = await newTopic(1);
    await made().log.append(
      topic,
      Array.from({ length: 50 }, (_, i) => ({ ...record(0, null, String(i)), headers: { n: utf8(String(i)) } })),
    );
    const batch = await made().log.fetch(topic, 0, 47);
    expect(valuesOf(batch)).toEqual(['47', '48', '49']);
    expect([...batch.offsets.subarray(0, 3)]).toEqual([47, 48, 49]);
    expect(batch).toMatchObject({ topic, partition: 0, count: 3, nextOffset: 50, endOffset: 50 });
    expect(recordsOf(batch).map(({ headers }) => new TextDecoder().decode(headers?.n))).toEqual(['47', '48', '49']);
  });

  test.each([1, 100, 1_000, 100_000])('pieces of about %i bytes join to the whole', async (maxBytes) => {
    const topic = await newTopic(1);
    for (let call = 0; call < 5; call += 1) {
      await made().log.append(
        topic,
        Array.from({ length: 40 }, (_, i) => record(0, `${call}`, `${call}:${i}:${'x'.repeat(i)}`)),
      );
    }
    const found = await readAll(made().log, topic, 0, { maxBytes });
    expect(found.map(({ offset }) => offset)).toEqual(Array.from({ length: 200 }, (_, i) => i));
    expect(new TextDecoder().decode(found[199]?.value ?? new Uint8Array())).toBe(`4:39:${'x'.repeat(39)}`);
  });

  test('large records travel whole', async () => {
    const topic = await newTopic(1);
    const value = new Uint8Array(900_000).map((_, i) => i % 251);
    await made().log.append(
      topic,
      [0, 1, 2].map(() => ({ partition: 0, key: null, value })),
    );
    const found = await readAll(made().log, topic, 0, { maxBytes: 1 });
    expect(found.map(({ value: read }) => Buffer.compare(read ?? new Uint8Array(), value))).toEqual([0, 0, 0]);
  });

  test('past the end and before the start are `offset_out_of_range`', async () => {
    const topic = await newTopic(1);
    await made().log.append(topic, [record(0, 'k', 'v')]);
    expect(await codeOf(made().log.fetch(topic, 0, 2))).toBe('offset_out_of_range');
    expect(await codeOf(made().log.fetch(topic, 0, -1))).toBe('offset_out_of_range');
  });
}
