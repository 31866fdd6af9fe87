import { ACTIONS, MONEY_SCALE, PLATFORMS, type Tier } from '../../contracts/dimensions.ts';
import type { FeedEvent } from '../../contracts/liveProtocol.ts';
import type { RawEventView } from '../../contracts/rawEventDecode.ts';
import type { FeedCut } from '../../hot/layout.ts';

/** What the task knows of an event beside its own fields. */
export interface FeedFacts {
  readonly region: string;
  readonly tier: Tier;
  readonly profileVersionMs: number | null;
  readonly offset: number;
  readonly appendMs: number;
  readonly late: boolean;
}

interface Sample {
  arrived: number;
  readonly events: FeedEvent[];
}

const text = new TextDecoder('utf-8', { ignoreBOM: true });

/** Keeps the first few events of each cut and workspace for the live feed, and counts the rest. */
export class FeedSampler {
  readonly #partition: number;
  readonly #limit: number;
  #samples = new Map<string, Sample>();

  constructor(partition: number, limit: number) {
    this.#partition = partition;
    this.#limit = limit;
  }

  /** Counts the event in; true if it should be added. */
  wants(workspace: string): boolean {
    let sample = this.#samples.get(workspace);
    if (sample === undefined) {
      sample = { arrived: 0, events: [] };
      this.#samples.set(workspace, sample);
    }
    sample.arrived++;
    return sample.events.length < this.#limit;
  }

  add(workspace: string, view: RawEventView, facts: FeedFacts): void {
    this.#samples.get(workspace)?.events.push(toFeedEvent(view, facts, this.#partition));
  }

  take(cut: number, appendMs: number): readonly { readonly workspace: string; readonly cut: FeedCut }[] {
    const taken = [...this.#samples].map(([workspace, sample]) => ({
      workspace,
      cut: { cut, partition: this.#partition, appendMs, arrived: sample.arrived, events: sample.events },
    }));
    this.#samples = new Map();
    return taken;
  }
}

function toFeedEvent(view: RawEventView, facts: FeedFacts, partition: number): FeedEvent {
  const slice = (start: number, end: number): string | null =>
    start < 0 ? null : text.decode(view.bytes.subarray(start, end));
  return {
    ...facts,
    id: uuidText(view),
    timeMs: view.timestampMs,
    action: ACTIONS[view.action] ?? 'view',
    platform: PLATFORMS[view.platform] ?? 'other',
    itemId: slice(view.itemStart, view.itemEnd),
    amount: view.amountUnits < 0 ? null : decimalText(view.amountUnits),
    currency: view.currency > 0 ? currencyText(view.currency) : null,
    pseudonym: slice(view.pseudonymStart, view.pseudonymEnd),
    partition,
  };
}

function uuidText(view: RawEventView): string {
  const hex = [view.id0, view.id1, view.id2, view.id3].map((w) => w.toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** 1e-4 units as decimal text with at least two places: 749000 → "74.90". */
function decimalText(units: number): string {
  const whole = Math.floor(units / MONEY_SCALE);
  const fraction = String(units % MONEY_SCALE)
    .padStart(4, '0')
    .replace(/0{1,2}$/, '');
  return `${whole}.${fraction}`;
}

function currencyText(code: number): string {
  return String.fromCharCode(code >>> 16, (code >>> 8) & 255, code & 255);
}
