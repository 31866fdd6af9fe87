import type { Verdict } from './answer.ts';

/** What became of the records of one producer. */
export interface SendCounts {
  readonly offered: number;
  readonly accepted: number;
  /** By the reason that the platform gave. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Records that no batch could carry: refused on their own. */
  readonly refused: number;
  readonly batches: number;
  /** Tries that were not acknowledged, by why. */
  readonly retries: Readonly<Record<string, number>>;
}

/** Counts by answer. */
export class Counts {
  #offered = 0;
  #accepted = 0;
  #refused = 0;
  #batches = 0;
  readonly #rejected = new Map<string, number>();
  readonly #retries = new Map<string, number>();

  offer(): void {
    this.#offered++;
  }

  answer(verdict: Verdict): void {
    if (verdict.kind !== 'acknowledged') {
      bump(this.#retries, verdict.why);
      return;
    }
    this.#batches++;
    this.#accepted += verdict.accepted;
    for (const { code } of verdict.rejected) bump(this.#rejected, code);
  }

  refuse(): void {
    this.#refused++;
  }

  read(): SendCounts {
    return {
      offered: this.#offered,
      accepted: this.#accepted,
      rejected: Object.fromEntries(this.#rejected),
      refused: this.#refused,
      batches: this.#batches,
      retries: Object.fromEntries(this.#retries),
    };
  }
}

function bump(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
