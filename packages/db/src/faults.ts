import { AppError, type AppErrorCode, isAppError } from '@ebap/pipeline/errors';

/** Errors of the database (SQLSTATE), of its connection, and of Prisma: PostgreSQL manual, appendix A; Prisma's P codes. */
const CODES: Readonly<Record<string, AppErrorCode>> = {
  '23505': 'conflict',
  P2002: 'conflict',
  '23503': 'not_found',
  P2003: 'not_found',
  P2025: 'not_found',
  '23514': 'bad_request',
  '22P02': 'bad_request',
  '22P05': 'bad_request',
  '22021': 'bad_request',
  P2004: 'bad_request',
  P2007: 'bad_request',
  '42P01': 'configuration',
  P2021: 'configuration',
  P2022: 'configuration',
  '3D000': 'configuration',
  P1003: 'configuration',
  '28P01': 'configuration',
  P1000: 'configuration',
};
const UNAVAILABLE =
  /^(08|53|57|58|40)|^(P1001|P1002|P1008|P1017|P2024|P2028|P2034)$|^E(CONN|PIPE|TIMEDOUT|HOSTUNREACH|AI_AGAIN|NOTFOUND)/;
const LOST_CONNECTION = /connection terminated|connection ended|timeout exceeded when trying to connect|not queryable/i;

/** Runs a call of the database; `doing` completes the sentence "The database failed while …". */
export async function guarded<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toAppError(error, doing);
  }
}

/** The driver's or Prisma's error as an `AppError` of the code that fits; `unavailable` is retryable. */
export function toAppError(error: unknown, doing: string): AppError {
  if (isAppError(error)) return error;
  const native = nativeCode(error);
  const detail = error instanceof Error ? error.message : String(error);
  const code = codeFor(native, detail);
  return new AppError(code, `The database failed while ${doing}.`, {
    retryable: code === 'unavailable',
    cause: error,
    context: { nativeCode: native ?? null },
  });
}

function codeFor(native: string | undefined, detail: string): AppErrorCode {
  if (native === undefined) return LOST_CONNECTION.test(detail) ? 'unavailable' : 'internal';
  return CODES[native] ?? (UNAVAILABLE.test(native) ? 'unavailable' : 'internal');
}

/** SQLSTATE where there is one, even inside Prisma's error; else the code of the error, or of the one that caused it. */
export function nativeCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const driverError = property(property(error, 'meta'), 'driverAdapterError');
  const code = property(property(driverError, 'cause'), 'originalCode') ?? property(error, 'code');
  return typeof code === 'string' ? code : nativeCode(error.cause);
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
