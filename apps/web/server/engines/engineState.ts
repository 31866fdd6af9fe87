import type { EngineState } from '../../src/server/engineStatus.ts';

/** What one look at an engine showed; `unknown` = this look can't tell, e.g. because another engine is away. */
export type Observation =
  | { readonly kind: 'up' }
  | { readonly kind: 'degraded'; readonly message: string }
  | { readonly kind: 'down'; readonly message: string }
  | { readonly kind: 'unknown' };

/** An engine's state and what is suspected but not yet believed. */
export interface WatchedState {
  readonly state: EngineState;
  readonly sinceMs: number;
  readonly message: string | null;
  /** Looks in a row that showed worse than `state`, and when the first of them began; null = none. */
  readonly suspicion: { readonly looks: number; readonly sinceMs: number } | null;
}

const RANK: Readonly<Record<EngineState, number>> = { up: 0, degraded: 1, down: 2 };

export function upSince(sinceMs: number): WatchedState {
  return { state: 'up', sinceMs, message: null, suspicion: null };
}

/**
 * The state after a look that began at `atMs`. Worse news is believed once `looksToBelieve` looks in a row had it, and
 * dates from the first of them; better news is believed at once.
 */
export function observe(before: WatchedState, seen: Observation, atMs: number, looksToBelieve: number): WatchedState {
  if (seen.kind === 'unknown') return before.suspicion === null ? before : { ...before, suspicion: null };
  const message = seen.kind === 'up' ? null : seen.message;
  if (seen.kind === before.state) return { ...before, message, suspicion: null };
  if (RANK[seen.kind] < RANK[before.state]) return { state: seen.kind, sinceMs: atMs, message, suspicion: null };
  const sinceMs = before.suspicion?.sinceMs ?? atMs;
  const looks = (before.suspicion?.looks ?? 0) + 1;
  if (looks < looksToBelieve) return { ...before, suspicion: { looks, sinceMs } };
  return { state: seen.kind, sinceMs, message, suspicion: null };
}
