import { AppError, type AppErrorCode } from '@ebap/pipeline/errors';
import { ErrorCode, errorName, isForbidden } from './protocol/errorCodes.ts';

/** System and TLS codes that say who the other side is, not that it is away. */
const TRUST_CODES = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(VERIFY|GET)|HOSTNAME_MISMATCH|EPROTO)/;
const AUTHENTICATION = new Set([
  'KafkaJSSASLAuthenticationError',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'PLT_KFK_AUTHENTICATION',
]);
const FORBIDDEN = /_AUTHORIZATION_FAILED$/;
const CODES: Readonly<Record<string, AppErrorCode>> = {
  MESSAGE_TOO_LARGE: 'too_large',
  RECORD_LIST_TOO_LARGE: 'too_large',
  UNKNOWN_TOPIC_OR_PARTITION: 'not_found',
  INVALID_TOPIC_EXCEPTION: 'bad_request',
  INVALID_CONFIG: 'configuration',
  INVALID_REPLICATION_FACTOR: 'configuration',
  POLICY_VIOLATION: 'configuration',
  INVALID_RECORD: 'bad_request',
  PLT_KFK_USER: 'configuration',
};

/**
 * An error of a Kafka client as an `AppError`: `configuration` for a refused sign-in or certificate, `forbidden` for a
 * missing right, `not_found`, `too_large`, `bad_request`; everything else is a broker that is away or busy:
 * `unavailable`, retryable. `doing` completes the sentence "Kafka failed while …".
 */
export function toAppError(error: unknown, doing: string): AppError {
  if (error instanceof AppError) return error;
  const names = namesOf(error);
  const code = codeFor(names);
  return new AppError(code, `Kafka failed while ${doing}: ${explain(error)}`, {
    retryable: code === 'unavailable',
    cause: error,
    context: { kafka: names.find((name) => name in CODES || FORBIDDEN.test(name)) ?? names[0] ?? null },
  });
}

/** An error code of a broker's answer as an `AppError`. */
export function codeToAppError(
  code: number,
  doing: string,
  context: Readonly<Record<string, string | number>>,
): AppError {
  const name = errorName(code);
  const appCode = codeOfAnswer(code, name);
  return new AppError(appCode, `Kafka answered ${name} while ${doing}.`, {
    retryable: appCode === 'unavailable',
    context: { ...context, kafka: name },
  });
}

function codeOfAnswer(code: number, name: string): AppErrorCode {
  if (code === ErrorCode.offsetOutOfRange) return 'offset_out_of_range';
  if (code === ErrorCode.corruptMessage) return 'corrupt_data';
  if (isForbidden(code)) return 'forbidden';
  return CODES[name] ?? 'unavailable';
}

function codeFor(names: readonly string[]): AppErrorCode {
  if (names.some((name) => FORBIDDEN.test(name))) return 'forbidden';
  if (names.some((name) => AUTHENTICATION.has(name) || TRUST_CODES.test(name))) return 'configuration';
  for (const name of names) {
    const code = CODES[name];
    if (code !== undefined) return code;
  }
  return 'unavailable';
}

const MAX_DEPTH = 8;

/** Names, types and codes of an error and of all that it wraps. */
function namesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== 'object' || error === null || depth > MAX_DEPTH) return [];
  const found: string[] = [];
  for (const key of ['type', 'apiId', 'code', 'name'] as const) {
    const value: unknown = key in error ? (error as Readonly<Record<string, unknown>>)[key] : undefined;
    if (typeof value === 'string') found.push(value);
  }
  const inner = 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  for (const one of inner) found.push(...namesOf(one, depth + 1));
  if ('cause' in error) found.push(...namesOf(error.cause, depth + 1));
  return found;
}

/** The innermost message: the outer ones only say that something failed. */
function explain(error: unknown): string {
  let deepest = error;
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    if (!(deepest instanceof Error) || !(deepest.cause instanceof Error)) break;
    deepest = deepest.cause;
  }
  return deepest instanceof Error ? deepest.message : String(deepest);
}
