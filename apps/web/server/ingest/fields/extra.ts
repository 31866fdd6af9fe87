import { isSoundText } from './text.ts';

export const MAX_EXTRA_ENTRIES = 32;
export const MAX_EXTRA_NAME_BYTES = 64;
export const MAX_EXTRA_VALUE_BYTES = 1_024;

/** Names that act on prototypes in careless readers downstream. */
const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor']);

export function isForbiddenName(name: string): boolean {
  return FORBIDDEN_NAMES.has(name);
}

/** A map without a prototype: a producer's names are only ever names. */
export function emptyExtra(): Record<string, string> {
  return Object.create(null) as Record<string, string>;
}

export const NO_EXTRA: Readonly<Record<string, string>> = Object.freeze(emptyExtra());

/** A value as text: numbers and booleans by their JSON, objects and arrays too; null where it has none that fits. */
export function extraText(value: unknown): string | null {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text !== undefined && isSoundText(text, MAX_EXTRA_VALUE_BYTES) ? text : null;
}

export function isExtraName(name: string): boolean {
  return name !== '' && isSoundText(name, MAX_EXTRA_NAME_BYTES) && !isForbiddenName(name);
}
