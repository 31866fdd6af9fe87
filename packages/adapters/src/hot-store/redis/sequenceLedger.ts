import type { HotChange } from '@ebap/pipeline/ports';
import type { TopicSequences } from './tagDirectory.ts';

/** One topic's move as a flush told it: what its sequence was before, and is now. */
export interface ToldChange {
  readonly topic: string;
  readonly before: number;
  readonly sequence: number;
  readonly keys: readonly string[] | null;
}

interface Doubt {
  readonly told: number;
  readonly stored: number;
}

/**
 * The sequences that subscribers were told, and what follows from hearing or reading others. Every difference is a
 * gap, also a lower sequence or a missing one: then the server lost something.
 */
export class SequenceLedger {
  /** Tag → topic → sequence. */
  readonly #told = new Map<string, Map<string, number>>();
  #doubts = new Map<string, Doubt>();

  /** What a heard message means to subscribers; null if they know it already. */
  hear(tag: string, { topic, before, sequence, keys }: ToldChange): HotChange | null {
    const topics = this.#topicsOf(tag);
    const told = topics.get(topic) ?? 0;
    // Sent before the sequences were read, or the server's clock went back with its data: the next look finds out.
    if (sequence <= told) return null;
    topics.set(topic, sequence);
    return { topic, sequence, keys: before === told ? keys : null };
  }

  /**
   * Compares with what the server holds, after a gap in the connection: all that differs has moved. `read` has the
   * tags that could be read, `tags` all that there are.
   */
  compare(tags: ReadonlySet<string>, read: ReadonlyMap<string, TopicSequences>): readonly HotChange[] {
    this.#doubts.clear();
    return this.#differing(tags, read).map(({ tag, topic, stored }) => this.#moved(tag, topic, stored));
  }

  /**
   * Compares while messages arrive: what is read may be a little ahead of what is heard, or behind it. A difference
   * counts once it is the same in two looks.
   */
  lookAgain(tags: ReadonlySet<string>, read: ReadonlyMap<string, TopicSequences>): readonly HotChange[] {
    const before = this.#doubts;
    this.#doubts = new Map();
    const moved: HotChange[] = [];
    for (const { tag, topic, told, stored } of this.#differing(tags, read)) {
      const name = `${tag}\n${topic}`;
      const doubt = before.get(name);
      // A topic that goes on being told is followed; one that stays where it is, behind the server, is not.
      if (doubt?.told === told) moved.push(this.#moved(tag, topic, stored));
      else this.#doubts.set(name, { told, stored });
    }
    return moved;
  }

  #moved(tag: string, topic: string, stored: number): HotChange {
    const topics = this.#topicsOf(tag);
    if (stored === 0) topics.delete(topic);
    else topics.set(topic, stored);
    return { topic, sequence: stored, keys: null };
  }

  #differing(
    tags: ReadonlySet<string>,
    read: ReadonlyMap<string, TopicSequences>,
  ): readonly { tag: string; topic: string; told: number; stored: number }[] {
    const differing: { tag: string; topic: string; told: number; stored: number }[] = [];
    for (const tag of new Set([...this.#told.keys(), ...read.keys()])) {
      // A tag whose server can't be reached keeps what was told of it.
      if (tags.has(tag) && !read.has(tag)) continue;
      const told = this.#topicsOf(tag);
      const stored = read.get(tag) ?? new Map<string, number>();
      for (const topic of new Set([...told.keys(), ...stored.keys()])) {
        const one = { tag, topic, told: told.get(topic) ?? 0, stored: stored.get(topic) ?? 0 };
        if (one.told !== one.stored) differing.push(one);
      }
    }
    return differing;
  }

  #topicsOf(tag: string): Map<string, number> {
    const topics = this.#told.get(tag) ?? new Map<string, number>();
    this.#told.set(tag, topics);
    return topics;
  }
}
