'use client';
import { useEffect, useLayoutEffect } from 'react';
import { applyTheme, readThemeChoice } from './useTheme.ts';

const LIGHT = '(prefers-color-scheme: light)';

/**
 * Keeps the page's theme: follows the device while the person has not chosen, and sets it again where React has drawn
 * the document anew (error pages), which takes away what the script before first paint had set.
 */
export function ThemeKeeper() {
  useLayoutEffect(() => {
    applyTheme(readThemeChoice());
  });
  useEffect(() => {
    const device = matchMedia(LIGHT);
    const follow = () => applyTheme(readThemeChoice());
    device.addEventListener('change', follow);
    return () => device.removeEventListener('change', follow);
  }, []);
  return null;
}
