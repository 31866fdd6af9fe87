import { expect, test } from 'vitest';
import { AppError, isAppError } from './index.ts';

test('an AppError keeps its code, facts and cause', () => {
  const cause = new Error('socket closed');
  const error = new AppError('unavailable', 'the log is away', { retryable: true, context: { partition: 3 }, cause });
  expect(error).toMatchObject({ name: 'AppError', code: 'unavailable', retryable: true, context: { partition: 3 } });
  expect(error.cause).toBe(cause);
});

test('an AppError is not retryable unless it says so', () => {
  const error = new AppError('internal', 'broken');
  expect(error.retryable).toBe(false);
  expect(error.context).toEqual({});
  expect('cause' in error).toBe(false);
});

test('isAppError tells faults of the platform from others, and one code from another', () => {
  const error = new AppError('not_found', 'no topic');
  expect(isAppError(error)).toBe(true);
  expect(isAppError(error, 'not_found')).toBe(true);
  expect(isAppError(error, 'internal')).toBe(false);
  expect(isAppError(new Error('not_found'))).toBe(false);
  expect(isAppError(null)).toBe(false);
});
