import { expect, it } from 'vitest';
import { engineName } from './engineName.ts';

it.each([
  ['Hot store (LMDB)', 'LMDB'],
  ['LMDB', 'LMDB'],
  ['Redis', 'Redis'],
])('a badge names %s as %s', (engine, name) => expect(engineName(engine)).toBe(name));
