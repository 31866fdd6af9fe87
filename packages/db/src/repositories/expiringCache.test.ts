import { describe, expect, it } from 'vitest';
import { ExpiringCache } from './expiringCache.ts';

function counting() {
  const clock = { nowMs: 0, loads: 0 };
  const cache = new ExpiringCache<number>(100, 2, () => clock.nowMs);
  const get = (key: string) => cache.get(key, async () => ++clock.loads);
  return { clock, cache, get };
}

describe('an expiring cache', () => {
  it('shares one load among callers, and loads again when the time is over', async () => {
    const { clock, get } = counting();
    expect(await Promise.all([get('a'), get('a')])).toEqual([1, 1]);
    clock.nowMs = 99;
    expect(await get('a')).toBe(1);
    clock.nowMs = 100;
    expect(await get('a')).toBe(2);
  });

  it('lets the oldest go when it is full, and everything when cleared', async () => {
    const { cache, get } = counting();
    await get('a');
    await get('b');
    await get('c');
    expect(await get('c')).toBe(3);
    expect(await get('a')).toBe(4);
    cache.clear();
    expect(await get('a')).toBe(5);
  });

  it('does not keep a failed load', async () => {
    const { cache, get } = counting();
    await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await get('a')).toBe(1);
  });
});
