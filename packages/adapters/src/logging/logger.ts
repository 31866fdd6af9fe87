import { isAppError } from '@ebap/pipeline/errors';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** Facts, never secrets or payloads. An `error` is told by name, code, message and stack. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  log(level: LogLevel, message: string, fields?: LogFields): void;
}

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** `{"at":"…","level":"info","app":"worker","message":"…",…}` per line; entries below `least` are dropped. */
export function openLogger(
  app: string,
  least: LogLevel,
  write: (line: string) => void = (line) => process.stdout.write(line),
): Logger {
  return {
    log: (level, message, fields = {}) => {
      if (RANK[level] < RANK[least]) return;
      const { error, ...rest } = fields;
      const line = { at: new Date().toISOString(), level, app, message };
      // The line's own come first and can't be overwritten.
      write(`${JSON.stringify({ ...line, ...rest, ...describe(error), ...line })}\n`);
    },
  };
}

function describe(error: unknown): LogFields {
  if (error === undefined) return {};
  if (!(error instanceof Error)) return { error: String(error) };
  const code = isAppError(error) ? { code: error.code, ...error.context } : {};
  return { error: `${error.name}: ${error.message}`, ...code, stack: error.stack };
}
