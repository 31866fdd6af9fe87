import { AppError } from '@ebap/pipeline/errors';
import { expect, test } from 'vitest';
import { toAppError } from './index.ts';

const withCode = (code: string): Error => Object.assign(new Error('said the driver'), { code });

test.each([
  ['a refused connection', withCode('ECONNREFUSED'), 'unavailable'],
  ['a server that starts', withCode('57P03'), 'unavailable'],
  ['a lost connection', withCode('08006'), 'unavailable'],
  ['too many connections', withCode('53300'), 'unavailable'],
  ['a deadlock', withCode('40P01'), 'unavailable'],
  ['a slot that somebody else reads', withCode('55006'), 'unavailable'],
  ['a connection the driver lost', new Error('Connection terminated unexpectedly'), 'unavailable'],
  ['an answer that did not come', new Error('Query read timeout'), 'unavailable'],
  ['a wrong password', withCode('28P01'), 'configuration'],
  ['a missing database', withCode('3D000'), 'configuration'],
  ['a missing table', withCode('42P01'), 'configuration'],
  ['a violated constraint', withCode('23505'), 'internal'],
  ['another system error', withCode('EPERM'), 'internal'],
  ['what is no error', 'text', 'internal'],
] as const)('%s is `%s`', (_, error, code) => {
  const fault = toAppError(error, 'testing');
  expect(fault).toMatchObject({ code, retryable: code === 'unavailable' });
  expect(fault.message).toContain('while testing');
  expect(fault.cause).toBe(error);
});

test('a fault of our own stays what it is', () => {
  const own = new AppError('conflict', 'x');
  expect(toAppError(own, 'testing')).toBe(own);
});
