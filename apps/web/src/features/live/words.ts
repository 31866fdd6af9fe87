import { type Action, type Platform, type Tier, UNKNOWN_REGION } from '@ebap/pipeline/contracts';
import type { IconName, SeriesColour } from '@ebap/ui';

/** Dimension values as people read them, in the order they are offered. */
export const PLATFORM_WORDS: Readonly<Record<Platform, string>> = {
  web: 'Web',
  ios: 'iOS',
  android: 'Android',
  pos: 'Point of sale',
  other: 'Other',
};

export const ACTION_WORDS: Readonly<Record<Action, string>> = {
  view: 'View',
  cart: 'Cart',
  purchase: 'Purchase',
  login: 'Login',
};

export const ACTION_ICONS: Readonly<Record<Action, IconName>> = {
  view: 'view',
  cart: 'cart',
  purchase: 'check',
  login: 'login',
};

export const TIER_WORDS: Readonly<Record<Tier, string>> = {
  free: 'free',
  silver: 'silver',
  gold: 'gold',
  platinum: 'platinum',
  unknown: 'no profile yet',
};

/** A region's code and place; events without a known place are named once. */
export function regionWords(region: { readonly code: string; readonly name: string }): {
  readonly code: string;
  readonly place: string | null;
} {
  if (region.code === UNKNOWN_REGION) return { code: 'Unknown', place: null };
  return { code: region.code, place: region.name };
}

/** `eu-west-1 Ireland`. */
export function regionLabel(region: { readonly code: string; readonly name: string }): string {
  const { code, place } = regionWords(region);
  return place === null ? code : `${code} ${place}`;
}

/** A value keeps its colour wherever it is drawn, and whatever else is. */
export const PLATFORM_COLOURS: Readonly<Record<Platform, SeriesColour>> = {
  web: 1,
  ios: 2,
  android: 3,
  pos: 4,
  other: 8,
};
export const ACTION_COLOURS: Readonly<Record<Action, SeriesColour>> = { view: 1, cart: 2, purchase: 3, login: 4 };
