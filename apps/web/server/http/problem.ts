import type { ServerResponse } from 'node:http';
import { type AppErrorCode, isAppError } from '@ebap/pipeline/errors';

/** A whole-request error of the public HTTP interface, sent as `application/problem+json` (RFC 9457). Codes are stable. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  readonly code: string;
  readonly facts: Readonly<Record<string, string | number>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    detail: string,
    facts: Readonly<Record<string, string | number>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.facts = facts;
    this.headers = headers;
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timeout',
  411: 'Length required',
  413: 'Too large',
  415: 'Unsupported media type',
  421: 'Misdirected request',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Unavailable',
};

const STATUS_OF: Readonly<Record<AppErrorCode, number>> = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  rate_limited: 429,
  unavailable: 503,
  timeout: 503,
  cancelled: 503,
  configuration: 500,
  corrupt_data: 500,
  unsupported_version: 500,
  topic_mismatch: 500,
  offset_out_of_range: 500,
  offset_gap: 500,
  lease_lost: 500,
  frontier_mismatch: 500,
  intent_expired: 500,
  incompatible_schema: 500,
  internal: 500,
};

/** Seconds after which a producer may send the whole batch again. */
export const RETRY_AFTER_S = 1;

/** Every error as a problem: this is the one place where the HTTP edge maps fault codes. */
export function toProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (isAppError(error)) {
    const status = STATUS_OF[error.code];
    if (status === 503)
      return new HttpProblem(
        503,
        'unavailable',
        'Something that is needed can not be reached.',
        {},
        retryAfter(retrySeconds(error.context.retryAfterMs)),
      );
    if (status < 500) return new HttpProblem(status, error.code, error.message);
  }
  return new HttpProblem(500, 'internal', 'The server failed.');
}

/** A breaker says when it asks the engine again. */
function retrySeconds(retryAfterMs: unknown): number {
  return typeof retryAfterMs === 'number' ? retryAfterMs / 1_000 : RETRY_AFTER_S;
}

export function retryAfter(seconds: number): Readonly<Record<string, string>> {
  return { 'retry-after': String(Math.max(1, Math.ceil(seconds))) };
}

export function sendProblem(res: ServerResponse, problem: HttpProblem): void {
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  sendText(res, problem.status, problemText(problem), {
    ...problem.headers,
    'content-type': 'application/problem+json',
  });
}

/** The problem as its body. */
export function problemText(problem: HttpProblem): string {
  return JSON.stringify({
    type: `urn:ebap:problem:${problem.code}`,
    title: TITLES[problem.status] ?? 'Error',
    status: problem.status,
    code: problem.code,
    detail: problem.message,
    ...problem.facts,
  });
}

/** Sends JSON that no cache keeps. */
export function sendJson(res: ServerResponse, status: number, body: unknown): void {
  sendText(res, status, JSON.stringify(body), { 'content-type': 'application/json' });
}

function sendText(res: ServerResponse, status: number, text: string, headers: Readonly<Record<string, string>>): void {
  res.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text), 'cache-control': 'no-store' });
  res.end(text);
}
