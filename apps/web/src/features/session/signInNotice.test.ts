import { expect, it } from 'vitest';
import { localPath } from './signInNotice.ts';

it.each([
  ['/pipeline', '/pipeline'],
  ['/live?platform=ios&panel=orders', '/live?platform=ios&panel=orders'],
  ['pipeline', '/pipeline'],
  [undefined, '/live'],
  [['/pipeline', '/live'], '/live'],
  ['', '/'],
] as const)('%s leads to %s', (wanted, path) => {
  expect(localPath(wanted)).toBe(path);
});

it.each([
  'https://evil.example/live',
  '//evil.example/live',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/.//evil.example',
  '/x/..//evil.example',
  '/%2e//evil.example',
  'javascript:alert(1)',
  'http:evil.example:x',
  'data:text/html,x',
])('%s leads nowhere else', (wanted) => {
  const path = localPath(wanted);
  const target = new URL(path, 'https://ebap.example');
  expect([target.origin, path.startsWith('/'), path.startsWith('//')]).toEqual(['https://ebap.example', true, false]);
});
