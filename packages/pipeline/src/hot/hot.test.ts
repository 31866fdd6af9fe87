import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GRAINS } from '../contracts/index.ts';
import { decodeCell, EMPTY_CELL, encodeCell, hotKeys, hotTopics, windowExpiresAtMs } from './index.ts';

const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });

describe('a window cell', () => {
  test('is read as it was written', () => {
    const cells = fc.record({
      view: count,
      cart: count,
      purchase: count,
      login: count,
      sales: count,
      activeUsers: fc.option(count),
      cartsDue: count,
      cartsAbandoned: count,
    });
    fc.assert(
      fc.property(cells, (cell) => {
        expect(decodeCell(encodeCell(cell))).toEqual(cell);
      }),
    );
  });

  test('leaves active users empty where they are not kept', () => {
    expect(encodeCell({ ...EMPTY_CELL, view: 3, sales: 749_000 })).toBe('3,0,0,0,749000,,0,0');
  });

  test.each([
    '',
    '1,2,3',
    '1,2,3,4,5,6,7,8,9',
    '1,2,3,4,x,6,7,8',
    '1,2,3,4,5.5,6,7,8',
    '1,2,3,4,1e300,6,7,8',
    ',,,,,,,',
    '0x1,2,3,4,5,6,7,8',
    '1, 2,3,4,5,6,7,8',
    '1,2,1e3,4,5,6,7,8',
    '1,2,-3,4,5,6,7,8',
  ])('refuses "%s"', (text) => {
    expect(() => decodeCell(text)).toThrowError(expect.objectContaining({ code: 'corrupt_data' }));
  });
});

describe('the hot layout', () => {
  test('keeps all keys of a workspace in one slot', () => {
    const keys = [
      hotKeys.window('acme', '1m', 60_000),
      hotKeys.now('acme'),
      hotKeys.progress('acme'),
      hotKeys.ledger('acme', 60_000),
      hotKeys.feed('acme', 0, 7),
    ];
    for (const key of keys) expect(key.startsWith('{acme}:')).toBe(true);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('keeps what belongs to no workspace apart', () => {
    for (const key of [hotKeys.tasks(), hotKeys.changeStreams(), hotKeys.latency()])
      expect(key.startsWith('{_system}:')).toBe(true);
    expect([hotTopics.windows('acme'), hotTopics.feed('acme'), hotTopics.system()]).toEqual([
      'windows/acme',
      'feed/acme',
      'system',
    ]);
  });

  test('lets windows expire a day after their end, 10 s panes after two hours', () => {
    const hours = GRAINS.map((g) => windowExpiresAtMs(g, 0) / 3_600_000);
    expect(hours).toEqual([2 + 10 / 3_600, 24 + 1 / 60, 24 + 5 / 60, 25]);
  });
});
