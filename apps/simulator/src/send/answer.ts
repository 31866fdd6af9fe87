import { parseRetryAfter } from './backoff.ts';
import type { HttpAnswer, NoAnswer } from './httpClient.ts';

/** What an answer to `POST /v1/events` means for the batch. */
export type Verdict =
  | { readonly kind: 'acknowledged'; readonly accepted: number; readonly rejected: readonly Rejection[] }
  /** The same records again, not before `retryAfterMs`. */
  | { readonly kind: 'again'; readonly retryAfterMs: number; readonly why: string }
  /** Too much at once or something in it is unbearable: halves may pass. */
  | { readonly kind: 'split'; readonly why: string };

/** A record of the batch that the platform refused, by its place in it. */
export interface Rejection {
  readonly index: number;
  readonly code: string;
}

/** Keys that are not known yet, or no more, are no reason to hurry. */
const UNAUTHORISED_RETRY_MS = 5_000;

/** Reads the answer to a batch of `records`. */
export function judge(answer: HttpAnswer | NoAnswer, records: number, nowMs: number): Verdict {
  if (answer.status === 0) return { kind: 'again', retryAfterMs: 0, why: 'no_answer' };
  if (!('body' in answer)) return { kind: 'again', retryAfterMs: 0, why: 'no_answer' };
  const { status } = answer;
  if (status >= 200 && status < 300) return acknowledged(answer.body, records);
  if (status === 413 || status === 400 || status === 415 || status === 422)
    return { kind: 'split', why: `http_${status}` };
  const asked = parseRetryAfter(answer.retryAfter, nowMs);
  const least = status === 401 || status === 403 || status === 404 ? UNAUTHORISED_RETRY_MS : 0;
  return { kind: 'again', retryAfterMs: Math.max(asked, least), why: `http_${status}` };
}

function acknowledged(body: string, records: number): Verdict {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { kind: 'acknowledged', accepted: records, rejected: [] };
  }
  const answer: Readonly<Record<string, unknown>> = isObject(json) ? json : {};
  const list: readonly unknown[] = Array.isArray(answer.rejected) ? answer.rejected : [];
  const rejected = list.filter(isObject).map((r) => ({
    index: typeof r.index === 'number' ? r.index : -1,
    code: typeof r.code === 'string' ? r.code : 'unknown',
  }));
  const accepted = typeof answer.accepted === 'number' ? answer.accepted : records - rejected.length;
  return { kind: 'acknowledged', accepted, rejected };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
