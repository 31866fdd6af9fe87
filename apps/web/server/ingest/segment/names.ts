import type { Action } from '@ebap/pipeline/contracts';

/** Names of Segment's e-commerce specification and what they are here; a workspace may have its own table. */
export const DEFAULT_EVENT_NAMES: Readonly<Record<string, Action>> = {
  'product viewed': 'view',
  'product list viewed': 'view',
  'product clicked': 'view',
  'products searched': 'view',
  'product added': 'cart',
  'checkout started': 'cart',
  'order completed': 'purchase',
  'signed in': 'login',
  'user signed in': 'login',
  'logged in': 'login',
  login: 'login',
  view: 'view',
  cart: 'cart',
  purchase: 'purchase',
};

/** Which action an event name is in this workspace; null = it maps to none. */
export type EventNameTable = (workspaceId: string, name: string) => Action | null;

export const defaultEventNames: EventNameTable = (_workspaceId, name) => {
  const folded = name.trim().toLowerCase();
  return Object.hasOwn(DEFAULT_EVENT_NAMES, folded) ? (DEFAULT_EVENT_NAMES[folded] ?? null) : null;
};
