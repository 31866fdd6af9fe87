import { AppError, type AppErrorCode } from '@ebap/pipeline/errors';

/** SQLSTATE classes and codes after which the same call may succeed. PostgreSQL manual, appendix A. */
const TRANSIENT_CLASSES: ReadonlySet<string> = new Set(['08', '53', '58']);
const TRANSIENT_CODES: ReadonlySet<string> = new Set([
  '25006', // read-only transaction: a standby that will be promoted
  '40001', // serialization failure
  '40P01', // deadlock detected
  '55006', // object in use: a replication slot whose last reader is not gone yet
  '55P03', // lock not available
  '57014', // cancelled by a timeout
  '57P01', // administrator's shutdown
  '57P02', // crash shutdown
  '57P03', // cannot connect now: starting up or stopping
  '57P05', // idle session timeout
]);

const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT', // the Unix socket of a server that is down
]);

/** How the driver words a lost or unobtainable connection: these errors carry no code. */
const LOST_CONNECTION =
  /connection terminated|connection ended|client has encountered a connection error|client was closed|not queryable|timeout exceeded when trying to connect|query read timeout|pool after calling end/i;

/** The SQLSTATE, or the system's error code, of a driver's error. */
export function sqlStateOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/**
 * A driver's error as an `AppError`: `unavailable` (retryable) for a lost connection, a server that starts or stops,
 * a timeout or a lost race; `configuration` for wrong credentials, a missing database or table; else `internal`.
 * `doing` completes the sentence "Postgres failed while …".
 */
export function toAppError(error: unknown, doing: string): AppError {
  if (error instanceof AppError) return error;
  const state = sqlStateOf(error);
  const code = codeFor(error, state);
  const detail = error instanceof Error ? error.message : String(error);
  return new AppError(code, `Postgres failed while ${doing}: ${detail}`, {
    retryable: code === 'unavailable',
    cause: error,
    context: { sqlState: state },
  });
}

function codeFor(error: unknown, state: string | null): AppErrorCode {
  if (state === null) return error instanceof Error && LOST_CONNECTION.test(error.message) ? 'unavailable' : 'internal';
  if (NETWORK_CODES.has(state) || TRANSIENT_CODES.has(state)) return 'unavailable';
  if (state.length !== 5) return 'internal';
  if (TRANSIENT_CLASSES.has(state.slice(0, 2))) return 'unavailable';
  if (state.startsWith('28') || state === '3D000' || state === '42P01' || state === '42501') return 'configuration';
  return 'internal';
}
