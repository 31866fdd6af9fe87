import { expect, test } from 'vitest';
import { parseChangeMessage } from './changeMessage.ts';

test('a message names its tag and, per topic, both sequences and the keys', () => {
  expect(parseChangeMessage('["acme",["t",0,1795276199830736,["k"]],["u",1,2,null]]')).toEqual({
    tag: 'acme',
    changes: [
      { topic: 't', before: 0, sequence: 1795276199830736, keys: ['k'] },
      { topic: 'u', before: 1, sequence: 2, keys: null },
    ],
  });
});

test.each(['', '{}', '[1]', '["a",{}]', '["a",["t","0",1,[]]]', '["a",["t",0,1,[1]]]', '["a",["t",0,1]]'])(
  '%s is `corrupt_data`',
  (text) => {
    expect(() => parseChangeMessage(text)).toThrow(expect.objectContaining({ code: 'corrupt_data' }));
  },
);
