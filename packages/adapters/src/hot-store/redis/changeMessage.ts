import { AppError } from '@ebap/pipeline/errors';
import type { ToldChange } from './sequenceLedger.ts';

/**
 * Parses what a flush publishes: `[tag, [topic, sequence before, sequence, keys or null], …]`.
 * @throws AppError `corrupt_data` for anything else.
 */
export function parseChangeMessage(text: string): { readonly tag: string; readonly changes: readonly ToldChange[] } {
  const message = parseJson(text);
  if (!Array.isArray(message)) throw corrupt();
  const [tag, ...changes]: readonly unknown[] = message;
  if (typeof tag !== 'string') throw corrupt();
  return { tag, changes: changes.map(parseChange) };
}

function parseChange(change: unknown): ToldChange {
  if (!Array.isArray(change)) throw corrupt();
  const [topic, before, sequence, keys]: readonly unknown[] = change;
  if (typeof topic !== 'string' || typeof before !== 'number' || typeof sequence !== 'number') throw corrupt();
  if (keys === null) return { topic, before, sequence, keys };
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) throw corrupt();
  return { topic, before, sequence, keys };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw corrupt();
  }
}

function corrupt(): AppError {
  return new AppError('corrupt_data', 'A message on the change feed of the hot store has another format.');
}
