export type Theme = 'dark' | 'light';
/** What the person chose; `system` follows the device. */
export type ThemeChoice = Theme | 'system';

/** Cookie that carries the choice, so that the server's first byte is already right. */
export const THEME_COOKIE = 'ebap-theme';

/**
 * Runs before first paint, with the page's nonce: sets `data-theme` from the person's choice, else from the device, and
 * hands the nonce to libraries that add style sheets (scroll lock under dialogs), which look for it under this name.
 * Plain script text: it must not wait for a bundle.
 */
export const THEME_SCRIPT = `(function(){var d=document.documentElement,m=/(?:^|; )${THEME_COOKIE}=(dark|light)/.exec(document.cookie);d.dataset.theme=m?m[1]:matchMedia('(prefers-color-scheme: light)').matches?'light':'dark';var s=document.currentScript;if(s&&s.nonce)window.__webpack_nonce__=s.nonce})()`;

/** Parses the cookie's value; anything unknown means `system`. */
export function parseThemeChoice(value: string | undefined): ThemeChoice {
  return value === 'dark' || value === 'light' ? value : 'system';
}
