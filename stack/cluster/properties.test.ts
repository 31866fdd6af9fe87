import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderProperties } from './properties.ts';

/** Reads lines of `.properties` as java.util.Properties does, as far as these use its rules. */
function parse(text: string): Record<string, string> {
  const entries: [string, string][] = [];
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const end = /(?<!\\)(?:\\\\)*=/.exec(line);
    const at = end === null ? line.length : end.index + end[0].length - 1;
    entries.push([unescaped(line.slice(0, at)), unescaped(line.slice(at + 1).replace(/^ +/, ''))]);
  }
  return Object.fromEntries(entries);
}

function unescaped(text: string): string {
  const controls: Record<string, string> = { n: '\n', r: '\r', t: '\t', f: '\f' };
  return text.replace(/\\(.)/gs, (_, character: string) => controls[character] ?? character);
}

test('properties are lines of name=value', () => {
  expect(renderProperties({ 'node.id': 1, 'auto.create.topics.enable': false, listeners: 'A://127.0.0.1:9092' })).toBe(
    'node.id=1\nauto.create.topics.enable=false\nlisteners=A://127.0.0.1:9092\n',
  );
});

test('what is written is what is read', () => {
  const names = fc.string({ minLength: 1 }).filter((name) => name !== '__proto__');
  fc.assert(
    fc.property(fc.dictionary(names, fc.string()), (properties) => {
      expect(parse(renderProperties(properties))).toEqual({ ...properties });
    }),
  );
});
