import { expect, test } from 'vitest';
import { coloursWanted, LineCutter, painter, renderLogLine, Terminal } from './index.ts';

const plain = painter(false);

test.each([
  ['plain text', 'plain text'],
  ['{"level":"info","msg":"ready","port":3000,"time":1}', 'ready port=3000'],
  ['{"level":40,"msg":"slow","lagMs":12}', 'warn slow lagMs=12'],
  ['{"level":"error","message":"lost","context":{"a":1}}', 'error lost context={"a":1}'],
  ['{"level":"warn","message":"late","stack":"Error: no\\n    at f (a.ts:1)"}', 'warn late'],
  ['{"level":"error","message":"lost","stack":"Error: no\\n    at f (a.ts:1)"}', 'error lost\n    at f (a.ts:1)'],
  ['{"no":"message"}', '{"no":"message"}'],
  ['{broken', '{broken'],
  ['\u001b[32mgreen\u001b[0m stays, \u001b[2Jclearing\u0007 goes', '\u001b[32mgreen\u001b[0m stays, clearing goes'],
  ['{"msg":"x\\u001b[2J","user":"\\u001b]0;title\\u0007"}', 'x user=]0;title'],
])('the log line %j is shown as %j', (line, shown) => {
  expect(renderLogLine(line, plain)).toBe(shown);
});

test('lines are cut wherever the chunks end', () => {
  const lines: string[] = [];
  const cutter = new LineCutter((line) => lines.push(line));
  for (const chunk of ['a', 'b\nc\r', '\nd', 'x'.repeat(20_000)]) cutter.push(chunk);
  cutter.end();
  expect(lines.map((line) => line.slice(0, 3))).toEqual(['ab', 'c', 'dxx']);
});

test('a step prints one line with its time where nobody looks at a terminal', async () => {
  const parts: string[] = [];
  const terminal = new Terminal({ write: (part) => parts.push(part) }, plain);
  expect(await terminal.step('Web app', async () => 7)).toBe(7);
  await expect(terminal.step('Worker', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(parts.join('')).toMatch(/^✔ Web app 0\.\d s\n✘ Worker 0\.\d s\n$/);
});

test('on a terminal the status stays below the lines', async () => {
  const parts: string[] = [];
  const terminal = new Terminal({ isTTY: true, write: (part) => parts.push(part) }, plain);
  await terminal.step('Web app', async () => terminal.line('hello'));
  expect(parts.join('')).toContain('\r\u001b[2Khello\n◌ Web app');
});

test('colours are for terminals, unless somebody says otherwise', () => {
  expect(coloursWanted({ isTTY: true }, {})).toBe(true);
  expect(coloursWanted({ isTTY: true }, { NO_COLOR: '1' })).toBe(false);
  expect(coloursWanted({}, {})).toBe(false);
  expect(coloursWanted({}, { FORCE_COLOR: '1' })).toBe(true);
});
