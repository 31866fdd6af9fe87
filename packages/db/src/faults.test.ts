import { AppError } from '@ebap/pipeline/errors';
import { describe, expect, it } from 'vitest';
import { openDb } from './db.ts';
import { guarded, toAppError } from './faults.ts';

const failure = (code: string) => Object.assign(new Error('secret detail'), { code });

describe('faults of the database', () => {
  it.each([
    ['23505', 'conflict'],
    ['P2025', 'not_found'],
    ['23514', 'bad_request'],
    ['42P01', 'configuration'],
    ['57P01', 'unavailable'],
    ['08006', 'unavailable'],
    ['40001', 'unavailable'],
    ['ECONNREFUSED', 'unavailable'],
    ['P1001', 'unavailable'],
    ['XX000', 'internal'],
  ])('%s means %s', (native, code) => {
    const error = toAppError(failure(native), 'testing');
    expect(error).toMatchObject({ code, retryable: code === 'unavailable', context: { nativeCode: native } });
    expect(error.message).toBe('The database failed while testing.');
  });

  it('are found in the cause of an error and by the words of a lost connection', () => {
    expect(toAppError(new Error('wrapped', { cause: failure('23505') }), 'testing').code).toBe('conflict');
    expect(toAppError(new Error('Connection terminated unexpectedly'), 'testing').code).toBe('unavailable');
    expect(toAppError('odd', 'testing').code).toBe('internal');
  });

  it('of our own pass through', async () => {
    const own = new AppError('forbidden', 'no');
    await expect(guarded('testing', () => Promise.reject(own))).rejects.toBe(own);
  });

  it('of a database that is down are retryable, through Prisma as through the driver', async () => {
    const db = openDb('postgres://nobody:x@127.0.0.1:1/none');
    await expect(db.ping()).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await expect(db.workspaces.list()).rejects.toMatchObject({ code: 'unavailable' });
    await expect(db.sessions.find('token')).rejects.toMatchObject({ code: 'unavailable' });
    await db.close();
  });
});
