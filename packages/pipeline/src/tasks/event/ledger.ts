import type { DeadLetterReason } from '../../contracts/deadLetter.ts';
import { windowStartMs } from '../../time/windows.ts';

const MINUTE_MS = 60_000;

/** What became of a record. Every record of the log is exactly one of these. */
export type Outcome = 'counted' | 'duplicate' | 'late' | `dead:${DeadLetterReason}`;

/** Records by outcome and minute of arrival. The append clock never goes back, so only one minute is open. */
export class OutcomeLedger {
  #minuteMs = Number.NaN;
  #counts = new Map<Outcome, number>();
  #dirty = false;
  /** The minute before, if it changed after the last cut. */
  #closed: { readonly minuteMs: number; readonly counts: ReadonlyMap<Outcome, number> } | null = null;

  add(outcome: Outcome, appendMs: number): void {
    const minuteMs = windowStartMs(appendMs, MINUTE_MS);
    if (minuteMs !== this.#minuteMs) {
      if (this.#dirty) this.#closed = { minuteMs: this.#minuteMs, counts: this.#counts };
      this.#minuteMs = minuteMs;
      this.#counts = new Map();
    }
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
    this.#dirty = true;
  }

  /** Visits the minutes that changed since the last call. */
  takeDirty(visit: (minuteMs: number, counts: ReadonlyMap<Outcome, number>) => void): void {
    if (this.#closed !== null) visit(this.#closed.minuteMs, this.#closed.counts);
    this.#closed = null;
    if (this.#dirty) visit(this.#minuteMs, this.#counts);
    this.#dirty = false;
  }

  toJSON(): { readonly minuteMs: number | null; readonly counts: readonly (readonly [Outcome, number])[] } {
    return { minuteMs: Number.isNaN(this.#minuteMs) ? null : this.#minuteMs, counts: [...this.#counts] };
  }

  static fromJSON(saved: ReturnType<OutcomeLedger['toJSON']>): OutcomeLedger {
    const ledger = new OutcomeLedger();
    ledger.#minuteMs = saved.minuteMs ?? Number.NaN;
    ledger.#counts = new Map(saved.counts);
    return ledger;
  }
}
