import { AppError } from '@ebap/pipeline/errors';
import { expect, test } from 'vitest';
import { toAppError } from './faults.ts';

test.each([
  ['LOADING Redis is loading the dataset in memory', 'unavailable'],
  ["READONLY You can't write against a read only replica.", 'unavailable'],
  ['MASTERDOWN Link with MASTER is down', 'unavailable'],
  ['CLUSTERDOWN The cluster is down', 'unavailable'],
  ['TRYAGAIN Multiple keys request during rehashing of slot', 'unavailable'],
  ['MISCONF Redis is configured to save RDB snapshots, but is unable to persist on disk', 'unavailable'],
  ['connect ECONNREFUSED 127.0.0.1:6379', 'unavailable'],
  ['Connection is closed.', 'unavailable'],
  ["Stream isn't writeable and enableOfflineQueue options is false", 'unavailable'],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'unavailable'],
  ["NOPERM this user has no permissions to run the 'hset' command", 'configuration'],
  ['ERR ACL failure in script: User web has no permissions to run the hset command', 'configuration'],
  ['WRONGPASS invalid username-password pair or user is disabled.', 'configuration'],
  ['NOAUTH Authentication required.', 'configuration'],
  ['All sentinels are unreachable. Retrying from scratch after 50ms. Last error: WRONGPASS no', 'configuration'],
  ['All sentinels are unreachable. Retrying from scratch after 50ms. Last error: Connection is closed.', 'unavailable'],
  ['All sentinels are unreachable and retry is disabled.', 'unavailable'],
  ['MOVED 5460 127.0.0.1:7001', 'configuration'],
  ['ERR This instance has cluster support disabled', 'configuration'],
  ['self-signed certificate', 'configuration'],
  ['WRONGTYPE Operation against a key holding the wrong kind of value', 'corrupt_data'],
  ["ERR unknown command 'PEXPIRETIME'", 'unsupported_version'],
  ['ERR value is not an integer or out of range', 'internal'],
])('%s is `%s`', (message, code) => {
  const fault = toAppError(new Error(message), 'flushing');
  expect(fault).toMatchObject({ code, retryable: code === 'unavailable' });
  expect(fault.message).toMatch(/^Redis failed while flushing: /);
});

test('what is a fault already stays what it is', () => {
  const fault = new AppError('not_found', 'x');
  expect(toAppError(fault, 'flushing')).toBe(fault);
});
