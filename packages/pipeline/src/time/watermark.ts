import { ALLOWED_LATENESS_MS } from './constants.ts';

/** No record has been seen: everything is on time. */
export const NO_WATERMARK = Number.NEGATIVE_INFINITY;

/**
 * Partition watermark: max over records of min(event time, append time) − allowed lateness. A tick counts with
 * its append time for both; a dead letter does not count.
 */
export function advanceWatermark(watermarkMs: number, eventTimeMs: number, appendTimeMs: number): number {
  return Math.max(watermarkMs, Math.min(eventTimeMs, appendTimeMs) - ALLOWED_LATENESS_MS);
}

/** The one lateness comparison: with the watermark of the record's own partition before the record. */
export function isLate(eventTimeMs: number, watermarkMs: number): boolean {
  return eventTimeMs < watermarkMs;
}
