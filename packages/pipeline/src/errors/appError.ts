/** Every fault the platform can raise. Closed: each edge (HTTP, tRPC, socket, CLI) maps all of them, once. */
export type AppErrorCode =
  | 'bad_request'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'rate_limited'
  | 'unavailable'
  | 'timeout'
  | 'cancelled'
  | 'configuration'
  | 'corrupt_data'
  | 'unsupported_version'
  | 'topic_mismatch'
  | 'offset_out_of_range'
  | 'offset_gap'
  | 'lease_lost'
  | 'frontier_mismatch'
  | 'intent_expired'
  | 'incompatible_schema'
  | 'internal';

export interface AppErrorOptions {
  /** True when the same call may succeed later without anybody changing anything. */
  readonly retryable?: boolean;
  /** Facts for the log and the error page. Never secrets, never user payloads. */
  readonly context?: Readonly<Record<string, string | number | boolean | null>>;
  readonly cause?: unknown;
}

/** A fault, as opposed to an expected outcome (those are values of a discriminated union). */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: AppErrorCode;
  readonly retryable: boolean;
  readonly context: Readonly<Record<string, string | number | boolean | null>>;

  constructor(code: AppErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.context = options.context ?? {};
  }
}

export function isAppError(error: unknown, code?: AppErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}
