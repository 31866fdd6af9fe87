import { type EdgeRates, hotKeys } from '@ebap/pipeline/hot';
import type { HotStore, HotWrite } from '@ebap/pipeline/ports';

export interface EdgeTotals {
  /** Records that the log acknowledged since this process began. */
  readonly accepted: number;
  readonly rejected: number;
}

export interface EdgeRatesOptions {
  readonly hot: HotStore;
  /** Names this process among all web processes, the same after a restart. */
  readonly processId: string;
  /** When this process began: it fences off the one before it of the same name. */
  readonly startedAtMs: number;
  readonly totals: () => EdgeTotals;
  readonly nowMs: () => number;
  /** The store could not be reached; told for each failed beat. */
  readonly onFault: (error: unknown) => void;
}

const BEAT_MS = 1_000;
/** A process that has told nothing for so long takes nothing in. */
const STALE_MS = 5_000;
const KEPT_MS = 60_000;

type Told = EdgeRates & { readonly atMs: number };

/** Tells the other web processes each second what this one takes in, and adds up what all of them told. */
export class SharedEdgeRates {
  readonly #options: EdgeRatesOptions;
  #timer: NodeJS.Timeout | null = null;
  #last: (EdgeTotals & { readonly atMs: number }) | null = null;
  #beats = 0;
  #isFailing = false;
  #telling: Promise<void> = Promise.resolve();

  constructor(options: EdgeRatesOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.beat(), BEAT_MS);
  }

  /** Takes this process out of the sum. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#telling;
    await this.#write(this.#ownWrite(null)).catch(() => undefined);
  }

  /** Tells the rates since the beat before. An outage is a fault once, not at every beat. */
  beat(): Promise<void> {
    this.#telling = this.#telling
      .then(() => this.#tell())
      .then(() => {
        this.#isFailing = false;
      })
      .catch((error: unknown) => {
        this.#last = null;
        if (!this.#isFailing) this.#options.onFault(error);
        this.#isFailing = true;
      });
    return this.#telling;
  }

  /** Over all web processes. @throws AppError `unavailable`. */
  async read(): Promise<EdgeRates> {
    const { hot, nowMs } = this.#options;
    const oldestMs = nowMs() - STALE_MS;
    const told = [...(await hot.readHash(hotKeys.ingest())).values()].map(parseTold).filter((one) => one !== null);
    const fresh = told.filter((one) => one.atMs >= oldestMs);
    return {
      acceptedPerSecond: fresh.reduce((sum, one) => sum + one.acceptedPerSecond, 0),
      rejectedPerSecond: fresh.reduce((sum, one) => sum + one.rejectedPerSecond, 0),
    };
  }

  async #tell(): Promise<void> {
    const { totals, nowMs } = this.#options;
    const now = { ...totals(), atMs: nowMs() };
    const last = this.#last;
    if (last === null) await this.#forgetTheGone();
    this.#last = now;
    if (last === null || now.atMs <= last.atMs) return;
    const perSecond = (field: keyof EdgeTotals) => ((now[field] - last[field]) * 1_000) / (now.atMs - last.atMs);
    const told: Told = {
      atMs: now.atMs,
      acceptedPerSecond: perSecond('accepted'),
      rejectedPerSecond: perSecond('rejected'),
    };
    await this.#write(this.#ownWrite(told));
  }

  /** Fields of a hash expire together, so those of processes that were killed would stay while another one writes. */
  async #forgetTheGone(): Promise<void> {
    const { hot, nowMs } = this.#options;
    const oldestMs = nowMs() - KEPT_MS;
    const all = [...(await hot.readHash(hotKeys.ingest()))];
    const gone = all.filter(([, text]) => (parseTold(text)?.atMs ?? 0) < oldestMs);
    if (gone.length > 0) await this.#write(gone.map(([field]) => this.#fieldWrite(field, null)));
  }

  #ownWrite(told: Told | null): readonly HotWrite[] {
    return [this.#fieldWrite(this.#options.processId, told === null ? null : JSON.stringify(told))];
  }

  #fieldWrite(field: string, value: string | null): HotWrite {
    return { key: hotKeys.ingest(), field, value, expiresAtMs: this.#options.nowMs() + KEPT_MS };
  }

  async #write(writes: readonly HotWrite[]): Promise<void> {
    const { hot, processId, startedAtMs } = this.#options;
    const fence = { scope: `edge/${processId}`, epoch: startedAtMs, offset: ++this.#beats };
    await hot.flush({ fence, writes, changes: [] });
  }
}

function parseTold(text: string): Told | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    const { atMs, acceptedPerSecond, rejectedPerSecond } = value as Partial<Record<keyof Told, unknown>>;
    if (typeof atMs !== 'number' || typeof acceptedPerSecond !== 'number' || typeof rejectedPerSecond !== 'number')
      return null;
    return { atMs, acceptedPerSecond, rejectedPerSecond };
  } catch {
    return null;
  }
}
