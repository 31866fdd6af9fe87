import type { FeedEvent, FeedFilter, FeedPayload } from '@ebap/pipeline/contracts';
import { FEED_FIELD, FEED_RING, type FeedCut, hotKeys } from '@ebap/pipeline/hot';
import type { HotStore } from '@ebap/pipeline/ports';
import { CUT_MS } from '@ebap/pipeline/time';

/** Events kept for those who come later. */
const KEPT_EVENTS = 500;
const KEPT_CUTS = 600;
const SNAPSHOT_EVENTS = 100;
/** Most events of one message: more than anybody reads in a quarter of a second. */
const MESSAGE_EVENTS = 50;

/**
 * Follows the feed of one workspace: reads each new cut once, for all filters. Cuts are found by their number, which
 * is append time, so what is looked for is known without reading the whole ring.
 */
export class FeedReader {
  readonly #hot: HotStore;
  readonly #workspaceId: string;
  /** Newest cut seen, by partition. */
  readonly #seen: Map<number, number>;
  /** Newest first. */
  #events: readonly FeedEvent[] = [];
  /** Newest last; `#base` is the place of the first. */
  #recent: readonly FeedCut[] = [];
  #base = 0;

  constructor(hot: HotStore, workspaceId: string, partitions: number) {
    this.#hot = hot;
    this.#workspaceId = workspaceId;
    this.#seen = new Map(Array.from({ length: partitions }, (_, partition) => [partition, -1]));
  }

  /** Reads everything the ring holds. @throws AppError `unavailable`. */
  async start(): Promise<void> {
    const slots = Array.from({ length: FEED_RING }, (_, slot) => slot);
    await this.#read(
      [...this.#seen.keys()].flatMap((p) => slots.map((slot) => hotKeys.feed(this.#workspaceId, p, slot))),
    );
  }

  /** The place after the newest cut read; see {@link cutsAfter}. */
  get cursor(): number {
    return this.#base + this.#recent.length;
  }

  /** What was read since a place, for one of several listeners. Cuts that fell out of the memory are lost to it. */
  cutsAfter(cursor: number): readonly FeedCut[] {
    return this.#recent.slice(Math.max(0, cursor - this.#base));
  }

  /** Reads the cuts since the last call, up to `throughMs` of append time. @throws AppError `unavailable`. */
  async advance(throughMs: number): Promise<void> {
    const throughCut = Math.floor(throughMs / CUT_MS);
    const keys: string[] = [];
    for (const [partition, seen] of this.#seen)
      for (let cut = Math.max(seen + 1, throughCut - FEED_RING + 1); cut <= throughCut; cut++)
        keys.push(hotKeys.feed(this.#workspaceId, partition, cut));
    await this.#read(keys);
  }

  async #read(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const rows = await this.#hot.readFields(keys, [FEED_FIELD]);
    this.#take(rows.flatMap(([text]) => (text === null || text === undefined ? [] : parseCut(text))));
  }

  /** The newest events that pass the filter, for who comes now. */
  snapshot(filter: FeedFilter): FeedPayload {
    const events = this.#events.filter((event) => passes(event, filter)).slice(0, SNAPSHOT_EVENTS);
    return { events, arrived: events.length, shown: events.length };
  }

  #take(cuts: readonly FeedCut[]): void {
    const fresh = cuts.filter((cut) => cut.cut > (this.#seen.get(cut.partition) ?? -1));
    for (const { partition, cut } of fresh) this.#seen.set(partition, Math.max(cut, this.#seen.get(partition) ?? -1));
    if (fresh.length === 0) return;
    this.#events = [...newestFirst(fresh), ...this.#events].slice(0, KEPT_EVENTS);
    const dropped = Math.max(0, this.#recent.length + fresh.length - KEPT_CUTS);
    this.#recent = [...this.#recent, ...fresh].slice(dropped);
    this.#base += dropped;
  }
}

/** What the cuts mean to a filter; null if there is nothing to tell. */
export function feedDelta(cuts: readonly FeedCut[], filter: FeedFilter): FeedPayload | null {
  if (cuts.length === 0) return null;
  const events = newestFirst(cuts)
    .filter((event) => passes(event, filter))
    .slice(0, MESSAGE_EVENTS);
  return { events, arrived: cuts.reduce((sum, cut) => sum + cut.arrived, 0), shown: events.length };
}

function newestFirst(cuts: readonly FeedCut[]): readonly FeedEvent[] {
  return cuts.flatMap((cut) => cut.events).sort((a, b) => b.appendMs - a.appendMs || b.offset - a.offset);
}

function passes(event: FeedEvent, { regions, platforms, actions }: FeedFilter): boolean {
  return (
    (regions === undefined || regions.includes(event.region)) &&
    (platforms === undefined || platforms.includes(event.platform)) &&
    (actions === undefined || actions.includes(event.action))
  );
}

/** The worker wrote it; a value that is none (another version) is left out rather than shown wrongly. */
function parseCut(text: string): readonly FeedCut[] {
  try {
    const cut = JSON.parse(text) as FeedCut;
    return typeof cut.cut === 'number' && Array.isArray(cut.events) ? [cut] : [];
  } catch {
    return [];
  }
}
