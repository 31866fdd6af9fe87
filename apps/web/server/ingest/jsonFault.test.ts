import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nestsDeeperThan } from './jsonDepth.ts';
import { findJsonFault } from './jsonFault.ts';

describe('the place of a JSON fault', () => {
  it.each([
    ['', 0],
    ['{"a":1,}', 7],
    ['[1,2', 4],
    ['[1 2]', 3],
    ['{"a" 1}', 5],
    ['{a:1}', 1],
    ['"\n"', 1],
    ['"\\x"', 1],
    ['nul', 0],
    ['[NaN]', 1],
    ['[01]', 2],
    ['{} {}', 3],
    ['{"a":"unclosed', 14],
  ])('of %j is %i', (text, position) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(findJsonFault(text).position).toBe(position);
  });

  it('is told as line and column', () => {
    expect(findJsonFault('[\n  1,\n  oops\n]')).toEqual({ position: 9, line: 3, column: 3 });
  });

  it('of sound JSON is its end', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(findJsonFault(text).position).toBe(text.length);
      }),
    );
  });
});

describe('the depth of JSON', () => {
  const nested = (levels: number) => Buffer.from('['.repeat(levels) + ']'.repeat(levels));

  it('counts what is open at the same time', () => {
    expect(nestsDeeperThan(nested(32), 32)).toBe(false);
    expect(nestsDeeperThan(nested(33), 32)).toBe(true);
    expect(nestsDeeperThan(Buffer.from('[{},{},{}]'), 2)).toBe(false);
  });

  it('ignores brackets in text', () => {
    expect(nestsDeeperThan(Buffer.from('["[[[[\\"[[[", "\\\\"]'), 1)).toBe(false);
  });
});
