import { DEAD_LETTER_REASONS, type DeadLetter, type DeadLetterReason, TOPICS } from '@ebap/pipeline/contracts';
import { type EventLog, type LogBatch, recordAt } from '@ebap/pipeline/ports';
import { type DeadLetterOpener, previewOf } from './deadLetterPreview.ts';

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
  /** The record as text, sensitive values withheld; null for sealed bytes whose key is not here. */
  readonly preview: string | null;
}

export interface DeadLetterGroup {
  readonly reason: DeadLetterReason;
  readonly count: number;
  readonly lastSeenMs: number;
  /** Those that the HTTP edge refused: they never were on the events topic. */
  readonly refusedAtEdge: number;
}

interface Pointer {
  readonly id: string;
  readonly workspaceId: string;
  readonly reason: DeadLetterReason;
  readonly firstSeenMs: number;
  readonly isFromEdge: boolean;
  readonly partition: number;
  readonly offset: number;
}

export interface DeadLetterIndexOptions {
  readonly log: EventLog;
  readonly open: DeadLetterOpener;
  readonly nowMs: () => number;
}

/** Newest records looked at per partition, and kept over all. */
const NEWEST_PER_PARTITION = 5_000;
const KEPT = 20_000;
const REFRESH_MS = 500;
const FETCH_BYTES = 1 << 20;
const REASONS: ReadonlySet<string> = new Set(DEAD_LETTER_REASONS);

/**
 * The newest dead letters of all workspaces by reason, followed along the topic. A replay writes the same letter
 * again: letters of one id are one. Only places are kept in memory; the letters themselves are read when asked for.
 */
export class DeadLetterIndex {
  readonly #options: DeadLetterIndexOptions;
  /** In order of reading. */
  readonly #letters = new Map<string, Pointer>();
  readonly #next = new Map<number, number>();
  #refreshedAtMs = 0;
  #refreshing: Promise<void> | null = null;

  constructor(options: DeadLetterIndexOptions) {
    this.#options = options;
  }

  /** @throws AppError `unavailable`. */
  async groups(workspaceId: string): Promise<readonly DeadLetterGroup[]> {
    await this.#refresh(REFRESH_MS);
    const groups = new Map<DeadLetterReason, DeadLetterGroup>();
    for (const pointer of this.#letters.values()) {
      if (pointer.workspaceId !== workspaceId) continue;
      const { reason } = pointer;
      const before = groups.get(reason) ?? { reason, count: 0, lastSeenMs: 0, refusedAtEdge: 0 };
      groups.set(reason, {
        reason,
        count: before.count + 1,
        lastSeenMs: Math.max(before.lastSeenMs, pointer.firstSeenMs),
        refusedAtEdge: before.refusedAtEdge + (pointer.isFromEdge ? 1 : 0),
      });
    }
    return [...groups.values()].sort((a, b) => b.lastSeenMs - a.lastSeenMs);
  }

  /** The newest letters of a reason (null: of all), newest first. @throws AppError `unavailable`. */
  async list(
    workspaceId: string,
    reason: DeadLetterReason | null,
    limit: number,
  ): Promise<readonly DeadLetterDetail[]> {
    await this.#refresh(0);
    const pointers = [...this.#letters.values()]
      .filter((one) => one.workspaceId === workspaceId && (reason === null || one.reason === reason))
      .sort((a, b) => b.firstSeenMs - a.firstSeenMs)
      .slice(0, limit);
    const details = await Promise.all(pointers.map((pointer) => this.#detail(pointer)));
    return details.filter((detail) => detail !== null);
  }

  /** One letter of the workspace; null if it is unknown or no longer kept. @throws AppError `unavailable`. */
  async get(workspaceId: string, id: string): Promise<DeadLetterDetail | null> {
    await this.#refresh(0);
    const pointer = this.#letters.get(id);
    return pointer?.workspaceId === workspaceId ? this.#detail(pointer) : null;
  }

  async #detail({ partition, offset }: Pointer): Promise<DeadLetterDetail | null> {
    const { log, open } = this.#options;
    const { start } = await log.offsets(TOPICS.deadLetters, partition);
    if (offset < start) return null;
    const batch = await log.fetch(TOPICS.deadLetters, partition, offset, { maxBytes: 1 });
    const letter = letterAt(batch, 0);
    if (letter === null) return null;
    const { id, reason, message, source, schemaId, firstSeenMs } = letter;
    return { id, reason, message, source, schemaId, firstSeenMs, ...previewOf(letter, open) };
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
      let at = Math.max(start, this.#next.get(partition) ?? end - NEWEST_PER_PARTITION);
      while (at < end) {
        const batch = await log.fetch(TOPICS.deadLetters, partition, at, { maxBytes: FETCH_BYTES });
        this.#take(batch);
        if (batch.nextOffset <= at) break;
        at = batch.nextOffset;
      }
      this.#next.set(partition, at);
    }
    this.#trim();
  }

  #take(batch: LogBatch): void {
    for (let i = 0; i < batch.count; i++) {
      const letter = letterAt(batch, i);
      if (letter === null) continue;
      this.#letters.set(letter.id, {
        id: letter.id,
        workspaceId: letter.workspace,
        reason: letter.reason,
        firstSeenMs: letter.firstSeenMs,
        isFromEdge: letter.source === null,
        partition: batch.partition,
        offset: batch.offsets[i] ?? 0,
      });
    }
  }

  #trim(): void {
    let over = this.#letters.size - KEPT;
    for (const id of this.#letters.keys()) {
      if (over-- <= 0) return;
      this.#letters.delete(id);
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
