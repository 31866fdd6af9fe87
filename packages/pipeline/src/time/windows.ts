/** Start of the epoch-aligned half-open window `[start, start + lengthMs)` that holds `timeMs`. */
export function windowStartMs(timeMs: number, lengthMs: number): number {
  return Math.floor(timeMs / lengthMs) * lengthMs;
}
