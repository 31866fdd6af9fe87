import { DEAD_LETTER_REASONS, type DeadLetter, type DeadLetterReason, TOPICS } from '@ebap/pipeline/contracts';
import { isAppError } from '@ebap/pipeline/errors';
import { type EventLog, type LogBatch, recordAt } from '@ebap/pipeline/ports';
import type { PreviewRights } from './deadLetterMask.ts';
import { type DeadLetterOpener, previewOf } from './deadLetterPreview.ts';
import { EdgeRefusals, REFUSALS_SPAN_MS, type RefusalCounts } from './edgeRefusals.ts';
import { type LetterPlace, LetterPlaces } from './letterPlaces.ts';

/** One dead letter as people see it. `preview` is a producer's text: show it as text. */
export interface DeadLetterDetail {
  readonly id: string;
  readonly reason: DeadLetterReason;
  readonly message: string;
  /** Where it stood on the log; null when the edge refused it. */
  readonly source: DeadLetter['source'];
  readonly schemaId: number | null;
  readonly firstSeenMs: number;
  readonly sizeBytes: number;
  /** The record as text, as much as the reader may see of it; null for sealed bytes whose key is not here. */
  readonly preview: string | null;
  /** The reader may not see who the record is about: ids and personal values are masked. */
  readonly isMasked: boolean;
}

export interface DeadLetterGroup {
  readonly reason: DeadLetterReason;
  readonly count: number;
  readonly lastSeenMs: number;
}

export interface DeadLetterIndexOptions {
  readonly log: EventLog;
  readonly open: DeadLetterOpener;
  readonly nowMs: () => number;
}

/** Newest records looked at per partition at first, then further back while they are of the counted span. */
const STEP_RECORDS = 5_000;
const FARTHEST_RECORDS = 100_000;
const KEPT_PER_WORKSPACE = 20_000;
const REFRESH_MS = 500;
const FETCH_BYTES = 1 << 20;
const REASONS: ReadonlySet<string> = new Set(DEAD_LETTER_REASONS);

/**
 * The newest dead letters of each workspace by reason, followed along the topic. A replay writes the same letter
 * again: letters of one id are one. Only places are kept in memory; the letters themselves are read when asked for.
 */
export class DeadLetterIndex {
  readonly #options: DeadLetterIndexOptions;
  readonly #letters = new LetterPlaces(KEPT_PER_WORKSPACE);
  readonly #next = new Map<number, number>();
  readonly #refusals = new EdgeRefusals();
  #refreshedAtMs = 0;
  #refreshing: Promise<void> | null = null;

  constructor(options: DeadLetterIndexOptions) {
    this.#options = options;
  }

  /** Letters kept, by reason, last seen first: those known already while the log is away. */
  async groups(workspaceId: string): Promise<readonly DeadLetterGroup[]> {
    await this.#refreshIfThere();
    const groups = new Map<DeadLetterReason, DeadLetterGroup>();
    for (const { reason, firstSeenMs } of this.#letters.of(workspaceId)) {
      const before = groups.get(reason) ?? { reason, count: 0, lastSeenMs: 0 };
      groups.set(reason, {
        reason,
        count: before.count + 1,
        lastSeenMs: Math.max(before.lastSeenMs, firstSeenMs),
      });
    }
    return [...groups.values()].sort((a, b) => b.lastSeenMs - a.lastSeenMs);
  }

  /** What the HTTP edge refused in the last two hours, by minute and reason, as {@link groups}. */
  async refusals(workspaceId: string): Promise<ReadonlyMap<number, RefusalCounts>> {
    await this.#refreshIfThere();
    return this.#refusals.minutes(workspaceId);
  }

  /** The newest letters of a reason (null: of all), newest first. @throws AppError `unavailable`. */
  async list(
    workspaceId: string,
    reason: DeadLetterReason | null,
    limit: number,
    rights: PreviewRights,
  ): Promise<readonly DeadLetterDetail[]> {
    await this.#refresh(0);
    const places = this.#letters
      .of(workspaceId)
      .filter((one) => reason === null || one.reason === reason)
      .sort((a, b) => b.firstSeenMs - a.firstSeenMs)
      .slice(0, limit);
    const details = await Promise.all(places.map((place) => this.#detail(place, rights)));
    return details.filter((detail) => detail !== null);
  }

  /** One letter of the workspace; null if it is unknown or no longer kept. @throws AppError `unavailable`. */
  async get(workspaceId: string, id: string, rights: PreviewRights): Promise<DeadLetterDetail | null> {
    await this.#refresh(0);
    const place = this.#letters.get(workspaceId, id);
    return place === null ? null : this.#detail(place, rights);
  }

  async #detail({ partition, offset }: LetterPlace, rights: PreviewRights): Promise<DeadLetterDetail | null> {
    const { log, open } = this.#options;
    const { start } = await log.offsets(TOPICS.deadLetters, partition);
    if (offset < start) return null;
    const batch = await log.fetch(TOPICS.deadLetters, partition, offset, { maxBytes: 1 });
    const letter = letterAt(batch, 0);
    if (letter === null) return null;
    const { id, reason, message, source, schemaId, firstSeenMs } = letter;
    return { id, reason, message, source, schemaId, firstSeenMs, ...previewOf(letter, open, rights) };
  }

  async #refreshIfThere(): Promise<void> {
    try {
      await this.#refresh(REFRESH_MS);
    } catch (error) {
      if (!isAppError(error, 'unavailable')) throw error;
    }
  }

  /** Reads on unless that was done less than `freshMs` ago. */
  async #refresh(freshMs: number): Promise<void> {
    if (this.#refreshing === null && this.#options.nowMs() - this.#refreshedAtMs < freshMs) return;
    this.#refreshing ??= this.#readOn().finally(() => {
      this.#refreshing = null;
      this.#refreshedAtMs = this.#options.nowMs();
    });
    await this.#refreshing;
  }

  async #readOn(): Promise<void> {
    const { log } = this.#options;
    const partitions = await log.partitionCount(TOPICS.deadLetters);
    for (let partition = 0; partition < partitions; partition++) {
      const { start, end } = await log.offsets(TOPICS.deadLetters, partition);
      let at = Math.max(start, this.#next.get(partition) ?? (await this.#beginning(partition, start, end)));
      while (at < end) {
        const batch = await log.fetch(TOPICS.deadLetters, partition, at, { maxBytes: FETCH_BYTES });
        this.#take(batch);
        if (batch.nextOffset <= at) break;
        at = batch.nextOffset;
      }
      this.#next.set(partition, at);
    }
    this.#refusals.trim(this.#options.nowMs());
  }

  /** Where a first reading begins, so that it sees the newest letters and all refusals of the counted span. */
  async #beginning(partition: number, start: number, end: number): Promise<number> {
    const { log, nowMs } = this.#options;
    let at = end - STEP_RECORDS;
    while (at > start && end - at < FARTHEST_RECORDS) {
      const { appendTimesMs, count } = await log.fetch(TOPICS.deadLetters, partition, at, { maxBytes: 1 });
      if (count === 0 || (appendTimesMs[0] ?? 0) < nowMs() - REFUSALS_SPAN_MS) break;
      at -= STEP_RECORDS;
    }
    return at;
  }

  #take(batch: LogBatch): void {
    for (let i = 0; i < batch.count; i++) {
      const letter = letterAt(batch, i);
      if (letter === null) continue;
      const isNew = this.#letters.add(letter.workspace, {
        id: letter.id,
        reason: letter.reason,
        firstSeenMs: letter.firstSeenMs,
        partition: batch.partition,
        offset: batch.offsets[i] ?? 0,
      });
      if (letter.source === null && isNew) this.#refusals.add(letter);
    }
  }
}

/** The letter at the index; null for ticks and for values that no known version wrote. */
function letterAt(batch: LogBatch, index: number): DeadLetter | null {
  if (index >= batch.count) return null;
  const { value } = recordAt(batch, index);
  if (value === null) return null;
  try {
    const letter = JSON.parse(Buffer.from(value).toString('utf8')) as DeadLetter;
    return letter.v === 1 && REASONS.has(letter.reason) && typeof letter.payload === 'string' ? letter : null;
  } catch {
    return null;
  }
}
