'use client';
import { useState } from 'react';

const KEPT = 120;
type Figures = Readonly<Record<string, number | null>>;

/** The last values of some figures as this page has seen them; read one with {@link pulseOf}. */
export interface Pulse {
  readonly atMs: number;
  readonly seen: readonly Figures[];
}

/** Remembers figures, one entry per `atMs`. */
export function usePulse(atMs: number, figures: Figures): Pulse {
  const [pulse, setPulse] = useState<Pulse>({ atMs, seen: [figures] });
  if (pulse.atMs === atMs) return pulse;
  const next = { atMs, seen: [...pulse.seen, figures].slice(-KEPT) };
  setPulse(next);
  return next;
}

/** One figure's values, oldest first. */
export function pulseOf(pulse: Pulse, name: string): readonly (number | null)[] {
  return pulse.seen.map((figures) => figures[name] ?? null);
}
