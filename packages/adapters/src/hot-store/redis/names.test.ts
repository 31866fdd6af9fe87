import { describe, expect, test } from 'vitest';
import { fenceKey, redisKey, tagOf, topicsKey } from './names.ts';

describe('names in Redis', () => {
  test.each([
    ['{acme}:w1:1m:0', 'acme', '{acme}:w1:1m:0'],
    ['feed/{acme}', 'acme', 'feed/{acme}'],
    ['{a}{b}', 'a', '{a}{b}'],
    ['{{a}}', '{a', '{{a}}'],
    ['plain', '_', '{_}:plain'],
    ['{}:empty', '_', '{_}:{}:empty'],
    ['{open', '_', '{_}:{open'],
    ['}closed{', '_', '{_}:}closed{'],
  ])('%s has the tag %s and is called %s', (name, tag, key) => {
    expect(tagOf(name)).toBe(tag);
    expect(redisKey(name)).toBe(key);
    // What Redis makes of the name is the same tag.
    expect(tagOf(redisKey(name))).toBe(tag);
  });

  test('fences and sequences are where the values are', () => {
    expect(tagOf(fenceKey('acme', 'rollup/{3}'))).toBe('acme');
    expect(tagOf(topicsKey('acme'))).toBe('acme');
  });
});
