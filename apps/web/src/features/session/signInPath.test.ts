import { expect, it } from 'vitest';
import { signInPath } from './signInPath.ts';

it.each([
  ['missing', '/live', '/signin'],
  ['missing', null, '/signin'],
  ['missing', '/live?platform=ios&panel=orders', '/signin?callbackUrl=%2Flive%3Fplatform%3Dios%26panel%3Dorders'],
  ['expired', '/pipeline?_rsc=1x9f', '/signin?reason=expired&callbackUrl=%2Fpipeline'],
  ['revoked', '/live', '/signin?reason=revoked'],
  ['missing', '//evil.example/live', '/signin'],
] as const)('a session that is %s, asking for %s, goes to %s', (reason, asked, path) => {
  expect(signInPath(reason, asked)).toBe(path);
});
