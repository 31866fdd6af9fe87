'use client';
import { useSyncExternalStore } from 'react';

const TICK_MS = 1_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;
let nowMs = 0;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === null) {
    nowMs = Date.now();
    timer = setInterval(() => {
      nowMs = Date.now();
      for (const notify of listeners) notify();
    }, TICK_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  };
}

function snapshot(): number {
  // Between subscriptions nothing ticks; whole seconds keep the snapshot stable within a render.
  if (timer === null) nowMs = Math.floor(Date.now() / TICK_MS) * TICK_MS;
  return nowMs;
}

/**
 * The browser's clock, ms since the epoch, moving once a second for all users of the page together.
 * `null` on the server and in the first paint, where no clock can be right.
 */
export function useNowMs(): number | null {
  return useSyncExternalStore(subscribe, snapshot, () => null);
}
