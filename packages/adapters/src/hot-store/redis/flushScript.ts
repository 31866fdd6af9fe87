import { createHash } from 'node:crypto';
import type { FoundFence, HotFence } from '@ebap/pipeline/ports';
import type { FlushPart } from './flushParts.ts';
import { CHANGES_CHANNEL, fenceKey, topicsKey } from './names.ts';

/**
 * Fences and sequences outlive the last flush by the log's retention: who comes back later starts from the log
 * anyway. A lost fence or sequence reads as a loss, never as being up to date.
 */
const KEPT_MS = 7 * 24 * 3_600_000;

/** More keys than this and a change says only that its topic moved. */
const MAX_LISTED_KEYS = 4_096;

/**
 * Applies one part of a flush, all or nothing (a script runs alone; nothing before its first write can fail later).
 *
 * A sequence is at least the server's time in µs: a topic that was lost, or went back to an older state, goes on
 * above everything that it was before, and what it was before (told along with it) shows the gap.
 * Fields are set before others are removed, so that a hash that changes all its fields keeps its expiry.
 */
export const FLUSH_SCRIPT = `
local epoch, offset = tonumber(ARGV[1]), tonumber(ARGV[2])
local found = redis.call('GET', KEYS[1])
if found then
  local foundEpoch, foundOffset = string.match(found, '^(%-?%d+) (%-?%d+)$')
  foundEpoch, foundOffset = tonumber(foundEpoch), tonumber(foundOffset)
  if foundEpoch > epoch or (foundEpoch == epoch and foundOffset >= offset) then return { 0, found } end
end
local at = 6
for i = 3, #KEYS do
  local expiresAt, sets, removes = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local livesUntil = redis.call('PEXPIRETIME', KEYS[i])
  at = at + 3
  if sets > 0 then redis.call('HSET', KEYS[i], unpack(ARGV, at, at + 2 * sets - 1)) end
  at = at + 2 * sets
  if removes > 0 then redis.call('HDEL', KEYS[i], unpack(ARGV, at, at + removes - 1)) end
  at = at + removes
  if livesUntil < tonumber(expiresAt) then redis.call('PEXPIREAT', KEYS[i], expiresAt) end
end
if at <= #ARGV then
  local time = redis.call('TIME')
  local nowUs = tonumber(time[1]) * 1000000 + tonumber(time[2])
  local changes = {}
  while at <= #ARGV do
    local before = tonumber(redis.call('HGET', KEYS[2], ARGV[at]) or 0)
    local sequence = math.max(before + 1, nowUs)
    redis.call('HSET', KEYS[2], ARGV[at], string.format('%.0f', sequence))
    changes[#changes + 1] = string.format('[%s,%.0f,%.0f,%s]', ARGV[at + 1], before, sequence, ARGV[at + 2])
    at = at + 3
  end
  redis.call('PEXPIRE', KEYS[2], ARGV[3])
  redis.call('PUBLISH', ARGV[4], '[' .. ARGV[5] .. ',' .. table.concat(changes, ',') .. ']')
end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2], 'PX', ARGV[3])
return { 1, found }
`;

export const FLUSH_SCRIPT_SHA = createHash('sha1').update(FLUSH_SCRIPT).digest('hex');

/** Keys and arguments of {@link FLUSH_SCRIPT}. */
export function scriptCall(
  part: FlushPart,
  fence: HotFence,
): { readonly keys: readonly string[]; readonly args: readonly string[] } {
  const { tag, hashes, changes } = part;
  const keys = [fenceKey(tag, fence.scope), topicsKey(tag)];
  const args = [`${fence.epoch}`, `${fence.offset}`, `${KEPT_MS}`, CHANGES_CHANNEL, JSON.stringify(tag)];
  for (const { redisKey, expiresAtMs, fields } of hashes) {
    const sets: string[] = [];
    const removes: string[] = [];
    for (const [field, value] of fields) {
      if (value === null) removes.push(field);
      else sets.push(field, value);
    }
    keys.push(redisKey);
    args.push(`${Math.ceil(expiresAtMs)}`, `${sets.length / 2}`, `${removes.length}`, ...sets, ...removes);
  }
  for (const [topic, changed] of changes) {
    const listed = changed.size > MAX_LISTED_KEYS ? 'null' : JSON.stringify([...changed]);
    args.push(topic, JSON.stringify(topic), listed);
  }
  return { keys, args };
}

/** What became of one part. */
export interface PartResult {
  readonly tag: string;
  readonly status: 'applied' | 'fenced';
  readonly found: FoundFence;
}

/** Reads the answer of {@link FLUSH_SCRIPT}. */
export function partResult(tag: string, reply: unknown): PartResult {
  if (!Array.isArray(reply)) throw new TypeError('the flush script answers with a list');
  const [isApplied, found]: readonly unknown[] = reply;
  return { tag, status: isApplied === 1 ? 'applied' : 'fenced', found: parseFence(found) };
}

function parseFence(text: unknown): FoundFence {
  if (typeof text !== 'string') return null;
  const [epoch, offset] = text.split(' ');
  return { epoch: Number(epoch), offset: Number(offset) };
}
