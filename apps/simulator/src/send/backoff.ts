import type { RandomStream } from '../model/index.ts';

const FIRST_MS = 100;
const LONGEST_MS = 10_000;
const LONGEST_RETRY_AFTER_MS = 300_000;

/**
 * How long to wait before try number `failures` + 1: doubles from 100 ms to 10 s, half of it by chance, and never
 * less than the server asked for.
 */
export function retryDelayMs(failures: number, retryAfterMs: number, stream: RandomStream): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(20, Math.max(0, failures - 1)));
  const ownMs = full / 2 + (full / 2) * stream.next();
  return Math.round(Math.max(ownMs, Math.min(LONGEST_RETRY_AFTER_MS, retryAfterMs)));
}

/** `Retry-After` (RFC 9110, 10.2.3) as ms from `nowMs`: seconds or a date; 0 if missing or senseless. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number {
  if (header === undefined) return 0;
  const seconds = Number(header);
  if (header.trim() !== '' && Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? 0 : Math.max(0, dateMs - nowMs);
}
