'use client';
import { createContext, createElement, type ReactNode, useContext, useState, useSyncExternalStore } from 'react';

/** The moment all charts of a page point at, `null` when none. */
export interface CursorStore {
  get(): number | null;
  set(timeMs: number | null): void;
  subscribe(listener: () => void): () => void;
}

/** One cursor for the charts below it; setting the same moment again tells nobody. */
export function createCursorStore(): CursorStore {
  const listeners = new Set<() => void>();
  let current: number | null = null;
  return {
    get: () => current,
    set(timeMs) {
      if (timeMs === current) return;
      current = timeMs;
      for (const notify of listeners) notify();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const CursorContext = createContext<CursorStore | null>(null);

/** Lets one cursor cross all charts inside. */
export function CursorProvider({ children }: { readonly children: ReactNode }) {
  const [store] = useState(createCursorStore);
  return createElement(CursorContext, { value: store }, children);
}

/** The page's cursor; a chart outside a provider gets its own. */
export function useCursorStore(): CursorStore {
  const shared = useContext(CursorContext);
  const [own] = useState(createCursorStore);
  return shared ?? own;
}

/** The cursor's moment; re-renders the caller on every move, so keep the caller small. */
export function useCursorTimeMs(store: CursorStore): number | null {
  return useSyncExternalStore(store.subscribe, store.get, () => null);
}

/** Index of the bucket [start, start + stepMs) that holds `timeMs`, -1 outside all; `startsMs` ascends. */
export function bucketIndexAt(startsMs: readonly number[], stepMs: number, timeMs: number): number {
  let low = 0;
  let high = startsMs.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const startMs = startsMs[middle] ?? 0;
    if (timeMs < startMs) high = middle - 1;
    else if (timeMs >= startMs + stepMs) low = middle + 1;
    else return middle;
  }
  return -1;
}
