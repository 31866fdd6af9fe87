'use client';
import { useCallback, useSyncExternalStore } from 'react';

export type Theme = 'dark' | 'light';
/** What the person chose; `system` follows the device. */
export type ThemeChoice = Theme | 'system';

/** Cookie that carries the choice, so that the server's first byte is already right. */
export const THEME_COOKIE = 'ebap-theme';
const ONE_YEAR_S = 31_536_000;

/**
 * Runs before first paint, with the page's nonce: sets `data-theme` from the person's choice, else from the device.
 * Plain script text: it must not wait for a bundle.
 */
export const THEME_SCRIPT = `(function(){var d=document.documentElement,m=/(?:^|; )${THEME_COOKIE}=(dark|light)/.exec(document.cookie);d.dataset.theme=m?m[1]:matchMedia('(prefers-color-scheme: light)').matches?'light':'dark'})()`;

/** Parses the cookie's value; anything unknown means `system`. */
export function parseThemeChoice(value: string | undefined): ThemeChoice {
  return value === 'dark' || value === 'light' ? value : 'system';
}

function readTheme(): Theme {
  return document.documentElement.dataset.theme === 'light' ? 'light' : 'dark';
}

function subscribeTheme(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}

/** The theme on the page now; `null` on the server. */
export function useTheme(): Theme | null {
  return useSyncExternalStore<Theme | null>(subscribeTheme, readTheme, () => null);
}

function readChoice(): ThemeChoice {
  return parseThemeChoice(new RegExp(`(?:^|; )${THEME_COOKIE}=(\\w+)`).exec(document.cookie)?.[1]);
}

/** The person's choice and its setter; a choice holds for a year on this browser. */
export function useThemeChoice(): readonly [ThemeChoice | null, (choice: ThemeChoice) => void] {
  const choice = useSyncExternalStore<ThemeChoice | null>(subscribeTheme, readChoice, () => null);
  const choose = useCallback((next: ThemeChoice) => {
    const maxAge = next === 'system' ? 0 : ONE_YEAR_S;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser we serve
    document.cookie = `${THEME_COOKIE}=${next}; path=/; max-age=${maxAge}; samesite=lax`;
    const prefersLight = matchMedia('(prefers-color-scheme: light)').matches;
    document.documentElement.dataset.theme = next === 'system' ? (prefersLight ? 'light' : 'dark') : next;
  }, []);
  return [choice, choose];
}
