import { AppError } from '@ebap/pipeline/errors';
import { describe, expect, it } from 'vitest';
import { absent, folderFault, serverFault } from './faults.ts';

const systemError = (code: string) => Object.assign(new Error(code), { code });

describe('what a fault of the folder means', () => {
  it.each([
    ['EROFS', 'read-only file system'],
    ['EACCES', 'cannot be written by this user'],
    ['EPERM', 'cannot be written by this user'],
    ['ENOSPC', 'no room left'],
    ['EDQUOT', 'no room left'],
  ])('%s: %s', (code, words) => {
    expect(folderFault('/data', systemError(code))).toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(words),
    });
  });

  it('leaves other faults and our own as they are', () => {
    const own = new AppError('timeout', 'slow');
    const other = systemError('EIO');
    expect(folderFault('/data', own)).toBe(own);
    expect(folderFault('/data', other)).toBe(other);
    expect(() => absent(other)).toThrow('EIO');
    expect(absent(systemError('ENOENT'))).toBeUndefined();
  });
});

describe("what the server's last words mean", () => {
  it.each([
    ['FATAL: could not write: No space left on device', 'configuration', 'no room left'],
    ['could not create directory: Read-only file system', 'configuration', 'read-only'],
    ['could not bind IPv4 address "127.0.0.1": Address already in use', 'configuration', 'Port 5432'],
    ['initdb: could not look up effective user ID 4711: user does not exist', 'configuration', '/etc/passwd'],
    ['FATAL: something else', 'internal', 'something else'],
    ['', 'internal', 'said nothing'],
  ])('%s', (output, code, words) => {
    expect(serverFault('/data', 5432, output)).toMatchObject({ code, message: expect.stringContaining(words) });
  });
});
