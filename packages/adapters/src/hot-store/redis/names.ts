/**
 * Names in Redis. A hash tag, the text between the first braces, decides the slot of a key (Redis Cluster
 * specification, "Hash tags"). One call may touch one slot only, so all that must change together carries one tag:
 * the values, and, for each tag, the fences, the topics' sequences and the expiry of both.
 *
 *     {acme}:w1:1m:1763…        a hash of the platform, named by the caller
 *     {acme}:hot1:fence:rollup/3 newest flush of that scope that reached this tag: "<epoch> <offset>"
 *     {acme}:hot1:topics         hash: topic → sequence
 *     {_}:hot1:tags              sorted set: every tag in use → when it was last written, ms
 */

/** Holds what the caller named without a hash tag. */
export const DEFAULT_TAG = '_';

/** Channel that every flush tells its changes on. Cluster nodes pass it on to each other. */
export const CHANGES_CHANNEL = 'ebap:hot1:changes';

/** Sorted set of all tags in use. */
export const TAGS_KEY = `{${DEFAULT_TAG}}:hot1:tags`;

/** The hash tag of a caller's name. */
export function tagOf(name: string): string {
  return explicitTag(name) ?? DEFAULT_TAG;
}

/** What a caller's key is called in Redis: keys without a hash tag get the default one. */
export function redisKey(key: string): string {
  return explicitTag(key) === null ? `{${DEFAULT_TAG}}:${key}` : key;
}

export function fenceKey(tag: string, scope: string): string {
  return `{${tag}}:hot1:fence:${scope}`;
}

export function topicsKey(tag: string): string {
  return `{${tag}}:hot1:topics`;
}

/** Redis's own rule: the first `{`, the next `}`, and something between them. */
function explicitTag(name: string): string | null {
  const open = name.indexOf('{');
  const close = open < 0 ? -1 : name.indexOf('}', open + 1);
  return close > open + 1 ? name.slice(open + 1, close) : null;
}
