/** A stretch of time, half-open, ms since the epoch. */
export interface TimeStretch {
  readonly fromMs: number;
  readonly toMs: number;
}

export type TapeGrip = 'from' | 'to' | 'move';

/** Shortest stretch the tape can set. */
export const TAPE_MIN_MS = 5 * 60_000;
const SNAP_MS = 60_000;

/**
 * The stretch after a grip moved by `byMs`: an end stops `TAPE_MIN_MS` before the other, a move keeps the length, and
 * nothing leaves `bounds`. Ends snap to whole minutes, but for the bound itself.
 */
export function moveStretch(stretch: TimeStretch, grip: TapeGrip, byMs: number, bounds: TimeStretch): TimeStretch {
  const snap = (timeMs: number) =>
    Math.max(bounds.fromMs, Math.min(bounds.toMs, Math.round(timeMs / SNAP_MS) * SNAP_MS));
  switch (grip) {
    case 'from':
      return { ...stretch, fromMs: Math.min(snap(stretch.fromMs + byMs), stretch.toMs - TAPE_MIN_MS) };
    case 'to':
      return { ...stretch, toMs: Math.max(snap(stretch.toMs + byMs), stretch.fromMs + TAPE_MIN_MS) };
    case 'move': {
      const lengthMs = stretch.toMs - stretch.fromMs;
      const fromMs = Math.max(bounds.fromMs, Math.min(bounds.toMs - lengthMs, snap(stretch.fromMs + byMs)));
      return { fromMs, toMs: fromMs + lengthMs };
    }
  }
}
