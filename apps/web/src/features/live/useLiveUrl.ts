'use client';
import type { PanelView } from '@ebap/ui';
import { useSearchParams } from 'next/navigation';
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { type LiveUrlState, liveUrlParams, parseLiveUrl } from './urlState.ts';

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * The page's URL as state. Changes replace the address without asking the server, and are seen at once: the router
 * tells of them in a transition, behind which the next key press may already be.
 */
export function useLiveUrl(): readonly [LiveUrlState, (change: Partial<LiveUrlState>) => void] {
  const params = useSearchParams();
  const search = useSyncExternalStore(
    subscribe,
    () => window.location.search,
    () => `?${params}`,
  );
  const state = useMemo(() => parseLiveUrl(new URLSearchParams(search)), [search]);
  const change = useCallback((next: Partial<LiveUrlState>) => {
    // The address bar, not the render's copy: two changes in one task must both hold.
    const current = parseLiveUrl(new URLSearchParams(window.location.search));
    const query = liveUrlParams({ ...current, ...next }).toString();
    window.history.replaceState(null, '', query ? `?${query}` : window.location.pathname);
    for (const listener of listeners) listener();
  }, []);
  return [state, change];
}

/** The part of the URL that concerns one panel, as the props a panel takes. */
export function panelUrlProps(
  id: string,
  state: LiveUrlState,
  change: (next: Partial<LiveUrlState>) => void,
): { readonly id: string; view: PanelView; onViewChange: (view: PanelView) => void; shareUrl: () => string } {
  return {
    id,
    view: { isFullScreen: state.panel === id, isTable: state.tables.includes(id) },
    onViewChange: (view) => {
      const others = state.tables.filter((name) => name !== id);
      const panel = view.isFullScreen ? id : state.panel === id ? null : state.panel;
      change({ panel, tables: view.isTable ? [...others, id] : others });
    },
    shareUrl: () => {
      const { origin, pathname } = window.location;
      return `${origin}${pathname}?${liveUrlParams({ ...state, panel: id })}`;
    },
  };
}
