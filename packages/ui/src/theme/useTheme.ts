'use client';
import { useCallback, useSyncExternalStore } from 'react';
import { parseThemeChoice, THEME_COOKIE, type Theme, type ThemeChoice } from './themeChoice.ts';

const ONE_YEAR_S = 31_536_000;

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

/** The person's choice on this browser. */
export function readThemeChoice(): ThemeChoice {
  return parseThemeChoice(new RegExp(`(?:^|; )${THEME_COOKIE}=(\\w+)`).exec(document.cookie)?.[1]);
}

/** The person's choice and its setter; a choice holds for a year on this browser. */
export function useThemeChoice(): readonly [ThemeChoice | null, (choice: ThemeChoice) => void] {
  const choice = useSyncExternalStore<ThemeChoice | null>(subscribeTheme, readThemeChoice, () => null);
  const choose = useCallback((next: ThemeChoice) => {
    const maxAge = next === 'system' ? 0 : ONE_YEAR_S;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser we serve
    document.cookie = `${THEME_COOKIE}=${next}; path=/; max-age=${maxAge}; samesite=lax`;
    applyTheme(next);
  }, []);
  return [choice, choose];
}

/** Shows the page in the chosen theme, or in the device's. */
export function applyTheme(choice: ThemeChoice): void {
  const isLight = choice === 'system' ? matchMedia('(prefers-color-scheme: light)').matches : choice === 'light';
  document.documentElement.dataset.theme = isLight ? 'light' : 'dark';
}
