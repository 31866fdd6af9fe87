import { AppError } from '@ebap/pipeline/errors';
import { type HotFlush, MAX_FLUSH_FIELDS } from '@ebap/pipeline/ports';
import { DEFAULT_TAG, redisKey, tagOf } from './names.ts';

/** What one flush does to one hash: fields to set and to remove, each once. */
export interface HashPart {
  readonly redisKey: string;
  readonly expiresAtMs: number;
  readonly fields: ReadonlyMap<string, string | null>;
}

/** The part of a flush that is in one slot, and so is applied at once. */
export interface FlushPart {
  readonly tag: string;
  readonly hashes: readonly HashPart[];
  /** Topic → the keys that changed, as the caller named them. */
  readonly changes: ReadonlyMap<string, ReadonlySet<string>>;
}

interface OpenHash {
  readonly redisKey: string;
  expiresAtMs: number;
  readonly fields: Map<string, string | null>;
}

interface OpenPart {
  readonly hashes: Map<string, OpenHash>;
  readonly changes: Map<string, Set<string>>;
}

/** Longest key, topic or scope. */
const MAX_NAME_BYTES = 1_900;

/**
 * Splits a flush by hash tag: at least one part, the default tag's last. A topic is bumped with the keys that changed
 * under it; one that names no keys goes with the values if they have one tag, else after them.
 */
export function flushParts({ writes, changes }: HotFlush): readonly FlushPart[] {
  const parts = new Map<string, OpenPart>();
  const partOf = (tag: string): OpenPart => {
    const part = parts.get(tag) ?? { hashes: new Map(), changes: new Map() };
    parts.set(tag, part);
    return part;
  };
  for (const write of writes) {
    const { hashes } = partOf(tagOf(write.key));
    const hash = hashes.get(write.key) ?? { redisKey: redisKey(write.key), expiresAtMs: 0, fields: new Map() };
    hash.fields.set(write.field, write.value);
    hash.expiresAtMs = Math.max(hash.expiresAtMs, write.expiresAtMs);
    hashes.set(write.key, hash);
  }
  const [onlyTag = DEFAULT_TAG] = parts.size === 1 ? parts.keys() : [];
  for (const { topic, keys } of changes) {
    if (keys.length === 0) bumped(partOf(onlyTag), topic);
    for (const key of keys) bumped(partOf(tagOf(key)), topic).add(key);
  }
  if (parts.size === 0) partOf(DEFAULT_TAG);
  return [...parts]
    .sort(([a], [b]) => Number(a === DEFAULT_TAG) - Number(b === DEFAULT_TAG))
    .map(([tag, part]) => ({ tag, hashes: [...part.hashes.values()], changes: part.changes }));
}

function bumped(part: OpenPart, topic: string): Set<string> {
  const keys = part.changes.get(topic) ?? new Set();
  part.changes.set(topic, keys);
  return keys;
}

/** @throws AppError `bad_request` for what no store takes. */
export function assertAcceptable({ fence, writes, changes }: HotFlush): void {
  if (writes.length > MAX_FLUSH_FIELDS) {
    throw new AppError('bad_request', `A flush holds at most ${MAX_FLUSH_FIELDS} fields.`, {
      context: { fields: writes.length },
    });
  }
  if (!Number.isSafeInteger(fence.epoch) || !Number.isSafeInteger(fence.offset))
    throw new AppError('bad_request', 'Epoch and offset of a fence are whole numbers.');
  assertName('scope', fence.scope);
  for (const { key, expiresAtMs } of writes) {
    assertName('key', key);
    if (!Number.isFinite(expiresAtMs)) throw new AppError('bad_request', 'A write has a time when it expires.');
  }
  for (const { topic } of changes) assertName('topic', topic);
}

function assertName(what: string, name: string): void {
  const bytes = Buffer.byteLength(name);
  if (bytes >= 1 && bytes <= MAX_NAME_BYTES) return;
  throw new AppError('bad_request', `A ${what} has 1 to ${MAX_NAME_BYTES} bytes.`, { context: { bytes } });
}
