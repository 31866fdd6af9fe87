import { AppError } from '@ebap/pipeline/errors';
import { describe, expect, test } from 'vitest';
import { openLogger } from './index.ts';

function told(call: (logger: ReturnType<typeof openLogger>) => void): readonly Readonly<Record<string, unknown>>[] {
  const lines: string[] = [];
  call(openLogger('worker', 'info', (line) => lines.push(line)));
  return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

describe('a logger', () => {
  test('writes a line of JSON per entry, with its facts', () => {
    expect(told((logger) => logger.log('info', 'started', { port: 4_000 }))).toEqual([
      { at: expect.any(String), level: 'info', app: 'worker', message: 'started', port: 4_000 },
    ]);
  });

  test('leaves out what is below the least level', () => {
    expect(told((logger) => logger.log('debug', 'detail'))).toEqual([]);
  });

  test('tells an error by name, code, context and stack', () => {
    const error = new AppError('unavailable', 'no answer', { context: { host: 'a' } });
    const [line] = told((logger) => logger.log('warn', 'failed', { error }));
    expect(line).toMatchObject({
      message: 'failed',
      error: 'AppError: no answer',
      code: 'unavailable',
      host: 'a',
      stack: expect.stringContaining('logger.test'),
    });
  });

  test('lets no fact and no context take the place of its own', () => {
    const error = new AppError('unavailable', 'no answer', { context: { message: 'x', level: 'x' } });
    const [line] = told((logger) => logger.log('warn', 'failed', { error, app: 'x', at: 'x' }));
    expect(line).toMatchObject({ level: 'warn', app: 'worker', message: 'failed' });
    expect(line?.at).not.toBe('x');
  });
});
