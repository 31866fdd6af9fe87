import type { Link } from './link.ts';
import { TAGS_KEY, topicsKey } from './names.ts';

/** A tag that nobody wrote for so long is forgotten; its sequences are gone by then. */
const FORGOTTEN_AFTER_MS = 8 * 24 * 3_600_000;
/** The directory may be lost while a tag is not, and the other way round: it is written again so often. */
const REFRESH_MS = 10_000;

/** Topic → sequence, of one hash tag. */
export type TopicSequences = ReadonlyMap<string, number>;

/** Which hash tags are in use, and the sequences of their topics. */
export class TagDirectory {
  readonly #link: Link;
  readonly #nowMs: () => number;
  readonly #registeredAtMs = new Map<string, number>();

  constructor(link: Link, nowMs: () => number) {
    this.#link = link;
    this.#nowMs = nowMs;
  }

  /** Makes sure that readers find the tag. @throws AppError `unavailable`. */
  async register(tag: string): Promise<void> {
    const nowMs = this.#nowMs();
    if (nowMs - (this.#registeredAtMs.get(tag) ?? Number.NEGATIVE_INFINITY) < REFRESH_MS) return;
    await this.#link.call('naming a hash tag', (redis) => redis.zadd(TAGS_KEY, nowMs, tag));
    this.#registeredAtMs.set(tag, nowMs);
  }

  /** The server lost something: nothing counts as registered. */
  forget(): void {
    this.#registeredAtMs.clear();
  }

  /** All tags in use. @throws AppError `unavailable`. */
  async tags(): Promise<readonly string[]> {
    return this.#link.call('reading the hash tags', (redis) => redis.zrange(TAGS_KEY, '0', '-1'));
  }

  /** The sequences of a tag's topics. @throws AppError `unavailable`. */
  async sequences(tag: string): Promise<TopicSequences> {
    const flat = await this.#link.call('reading sequences', (redis) => redis.call('HGETALL', topicsKey(tag)));
    const sequences = new Map<string, number>();
    if (!Array.isArray(flat)) return sequences;
    for (let i = 0; i < flat.length; i += 2) sequences.set(String(flat[i]), Number(flat[i + 1]));
    return sequences;
  }

  /** Newest sequence of a topic over all tags, 0 if it never moved. @throws AppError `unavailable`. */
  async sequence(topic: string): Promise<number> {
    const tags = await this.tags();
    const found = await this.#link.call('reading a sequence', (redis) =>
      Promise.all(tags.map((tag) => redis.hget(topicsKey(tag), topic))),
    );
    return Math.max(0, ...found.map(Number));
  }

  /** Drops tags out of use. @throws AppError `unavailable`. */
  async sweep(): Promise<void> {
    const before = this.#nowMs() - FORGOTTEN_AFTER_MS;
    await this.#link.call('forgetting hash tags', (redis) => redis.zremrangebyscore(TAGS_KEY, '-inf', String(before)));
  }
}
