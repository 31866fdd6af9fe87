import { expect, test } from 'vitest';
import { quietServerLog } from './serverLog.ts';

test('errors are shown with what belongs to them, commentary is not', () => {
  const shown: string[] = [];
  const log = quietServerLog((line) => shown.push(line));
  const at = '2026-11-21 10:54:33.046 UTC [25243]';
  log(`${at} LOG:  starting logical decoding`);
  log(`${at} STATEMENT:  START_REPLICATION`);
  log(`${at} ERROR:  duplicate key`);
  log(`${at} DETAIL:  Key (id)=(1) exists.`);
  log('\tsecond line');
  log(`${at} LOG:  shutting down`);
  expect(shown).toEqual(['ERROR:  duplicate key', 'DETAIL:  Key (id)=(1) exists.', '\tsecond line']);
});
