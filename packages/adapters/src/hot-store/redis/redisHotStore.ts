import { AppError } from '@ebap/pipeline/errors';
import type { HotChange, HotFlush, HotFlushResult, HotStore } from '@ebap/pipeline/ports';
import type { Logger } from '../../logging/index.ts';
import { ChangeFeed } from './changeFeed.ts';
import { createClient, createSubscriber, type RedisAccess, type RedisClient } from './connection.ts';
import { isUnknownScript } from './faults.ts';
import { FenceMemory } from './fenceMemory.ts';
import { assertAcceptable, type FlushPart, flushParts } from './flushParts.ts';
import { FLUSH_SCRIPT, FLUSH_SCRIPT_SHA, type PartResult, partResult, scriptCall } from './flushScript.ts';
import { Link, type RedisStatus } from './link.ts';
import { redisKey, tagOf } from './names.ts';
import { checkServer } from './serverCheck.ts';
import { TagDirectory } from './tagDirectory.ts';

export interface RedisHotStoreOptions extends Omit<RedisAccess, 'answerTimeoutMs'> {
  /** Longest that a server may leave a command unanswered; default 3,000. */
  readonly answerTimeoutMs?: number;
  readonly logger?: Logger;
  readonly nowMs?: () => number;
}

/** The port, and how the server is as this process sees it. */
export interface RedisHotStore extends HotStore {
  status(): RedisStatus;
}

const DEFAULT_ANSWER_TIMEOUT_MS = 3_000;

/**
 * Opens the hot store on Redis 7 or later: one server, a master behind Sentinels, or a Redis Cluster. Expiry is
 * measured by the server's clock. Connections come back by themselves; until then calls fail at once.
 * @throws AppError `unavailable` when it can't be reached, `configuration` for a wrong address, sign-in, certificate
 * or eviction policy, `unsupported_version` for an older server.
 */
export async function openRedisHotStore(options: RedisHotStoreOptions): Promise<RedisHotStore> {
  const { answerTimeoutMs = DEFAULT_ANSWER_TIMEOUT_MS, logger, nowMs = Date.now } = options;
  const access: RedisAccess = { ...options, answerTimeoutMs };
  const link = new Link({ client: createClient(access), answerTimeoutMs, nowMs });
  try {
    await link.open();
    for (const master of link.masters()) await checkServer(master, logger);
  } catch (error) {
    await link.close();
    throw error;
  }
  const directory = new TagDirectory(link, nowMs);
  const connect = (attempt: number) => createSubscriber(access, attempt);
  return new Store(link, directory, new ChangeFeed({ directory, connect, answerTimeoutMs }));
}

class Store implements RedisHotStore {
  readonly #link: Link;
  readonly #directory: TagDirectory;
  readonly #feed: ChangeFeed;
  readonly #fences = new FenceMemory();
  #isClosed = false;

  constructor(link: Link, directory: TagDirectory, feed: ChangeFeed) {
    this.#link = link;
    this.#directory = directory;
    this.#feed = feed;
  }

  /**
   * What is applied at once is what has one hash tag; callers keep to one per flush where that matters. A flush over
   * several tags whose answer is a fault may have been applied to some of them: sending it again completes it.
   */
  async flush(flush: HotFlush): Promise<HotFlushResult> {
    assertAcceptable(flush);
    const parts: PartResult[] = [];
    for (const part of flushParts(flush)) {
      if (part.changes.size > 0) await this.#directory.register(part.tag);
      const result = await this.#apply(part, flush);
      parts.push(result);
      if (result.status === 'fenced') break;
    }
    const result = this.#fences.settle(flush.fence, parts);
    if (result.found === null) this.#directory.forget();
    return result;
  }

  async readHash(key: string): Promise<ReadonlyMap<string, string>> {
    const flat = await this.#link.call('reading a hash', (redis) => redis.call('HGETALL', redisKey(key)));
    const fields = new Map<string, string>();
    if (!Array.isArray(flat)) return fields;
    for (let i = 0; i < flat.length; i += 2) fields.set(String(flat[i]), String(flat[i + 1]));
    return fields;
  }

  async readFields(keys: readonly string[], fields: readonly string[]): Promise<(string | null)[][]> {
    if (fields.length === 0) return keys.map(() => []);
    const placesByTag = Map.groupBy(keys.keys(), (place) => tagOf(keys[place] ?? ''));
    const rows: (string | null)[][] = keys.map(() => []);
    const readTag = async (places: readonly number[]): Promise<void> => {
      const tagKeys = places.map((place) => redisKey(keys[place] ?? ''));
      const found = await this.#link.call('reading fields', (redis) => readRows(redis, tagKeys, fields));
      for (const [i, place] of places.entries()) rows[place] = found[i] ?? [];
    };
    await Promise.all([...placesByTag.values()].map(readTag));
    return rows;
  }

  sequence(topic: string): Promise<number> {
    return this.#directory.sequence(topic);
  }

  subscribe(prefix: string, onChange: (change: HotChange) => void): Promise<{ close(): Promise<void> }> {
    return this.#feed.subscribe(prefix, onChange);
  }

  /** Redis expires hashes by itself; only the directory of hash tags has something to forget. */
  sweep(): Promise<void> {
    return this.#directory.sweep();
  }

  status(): RedisStatus {
    return this.#link.status;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all([this.#feed.close(), this.#link.close()]);
  }

  async #apply(part: FlushPart, { fence }: HotFlush): Promise<PartResult> {
    const { keys, args } = scriptCall(part, fence);
    const reply = await this.#link.call('flushing', async (redis) => {
      try {
        return await redis.evalsha(FLUSH_SCRIPT_SHA, keys.length, ...keys, ...args);
      } catch (error) {
        if (!isUnknownScript(error)) throw error;
        return await redis.eval(FLUSH_SCRIPT, keys.length, ...keys, ...args);
      }
    });
    return partResult(part.tag, reply);
  }
}

/** Reads hashes of one hash tag, so of one server, in one round trip. */
async function readRows(
  redis: RedisClient,
  redisKeys: readonly string[],
  fields: readonly string[],
): Promise<(string | null)[][]> {
  const pipeline = redis.pipeline();
  for (const key of redisKeys) pipeline.hmget(key, ...fields);
  const answers = await pipeline.exec();
  if (answers === null) throw new AppError('unavailable', 'Redis dropped a read.', { retryable: true });
  return answers.map(([error, row]) => {
    if (error !== null) throw error;
    return Array.isArray(row) ? row.map((value) => (value === null ? null : String(value))) : [];
  });
}
