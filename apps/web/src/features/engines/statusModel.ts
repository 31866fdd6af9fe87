import type { EnginesView, Outage } from '../../server/engineStatus.ts';

/** What one round of asking brought. */
export type PollOutcome =
  | { readonly kind: 'view'; readonly view: EnginesView }
  /** The server is there and can't tell who asks. */
  | { readonly kind: 'unchecked' }
  /** The server is there, and its answer was none. */
  | { readonly kind: 'failed' }
  /** There was no answer in time: it hangs, or has a lot to do. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'unreachable' }
  /** Nobody is signed in any more: the page says so elsewhere. */
  | { readonly kind: 'ended' };

/** What the shell says, and what it has learnt. Times are ms since the epoch. */
export interface ShellStatus {
  readonly view: EnginesView | null;
  readonly outages: readonly Outage[];
  /** Outages that are over, said until `untilMs`. */
  readonly over: readonly { readonly key: string; readonly text: string; readonly untilMs: number }[];
  /** Rounds in a row without an answer, and when the first of them began. */
  readonly misses: { readonly count: number; readonly sinceMs: number } | null;
}

export const NOTHING_KNOWN: ShellStatus = { view: null, outages: [], over: [], misses: null };

/** Rounds until it is told: a server that restarts, or is busy for some seconds, is not worth a line. */
const TOLD_AFTER = { unreachable: 2, silent: 3, failed: 3 } as const;
const OVER_SHOWN_MS = 8_000;

const UNCHECKED = {
  key: 'database',
  severity: 'outage',
  title: 'Who you are can not be checked',
  effect:
    'The platform’s database does not answer. This page keeps what it shows; others and sign-in wait. Senders keep events that can not be taken in.',
  recovered: 'Sign-in works again',
  stopsLive: false,
} as const;
const UNREACHABLE = {
  key: 'server',
  severity: 'outage',
  title: 'EBAP can not be reached from here',
  effect: 'What is shown is the last known and stays. The page goes on by itself; senders keep their events.',
  recovered: 'EBAP can be reached again',
  stopsLive: true,
} as const;
const SILENT = { ...UNREACHABLE, title: 'EBAP does not answer', recovered: 'EBAP answers again' } as const;
const FAILED = {
  key: 'status',
  severity: 'limited',
  title: 'The platform’s state can not be read',
  effect: 'Numbers may go on. This line goes by itself once the state is known.',
  recovered: 'The platform’s state is known again',
  stopsLive: false,
} as const;

/** The status after a round that began at `nowMs`. */
export function step(before: ShellStatus, outcome: PollOutcome, nowMs: number): ShellStatus {
  const over = before.over.filter(({ untilMs }) => untilMs > nowMs);
  switch (outcome.kind) {
    case 'ended':
      return NOTHING_KNOWN;
    case 'view': {
      const { outages } = outcome.view;
      const isOver = before.outages.filter((one) => !outages.some(({ key }) => key === one.key));
      const news = isOver.map(({ key, recovered }) => ({ key, text: recovered, untilMs: nowMs + OVER_SHOWN_MS }));
      const kept = over.filter(({ key }) => !isOver.concat(outages).some((one) => one.key === key));
      return { view: outcome.view, outages, over: [...kept, ...news], misses: null };
    }
    case 'unchecked':
      // What the server said of its database before, while it still knew who asked, is said in better words.
      return {
        view: before.view && databaseDown(before.view, nowMs),
        outages: withOwn(before, UNCHECKED, nowMs),
        over,
        misses: null,
      };
    default: {
      const misses = { count: (before.misses?.count ?? 0) + 1, sinceMs: before.misses?.sinceMs ?? nowMs };
      if (misses.count < TOLD_AFTER[outcome.kind]) return { ...before, over, misses };
      // What was known of the engines says nothing of a server that can't be heard.
      const known = outcome.kind === 'failed' ? before.outages : before.outages.filter(isOwn);
      const outages = withOwn({ outages: known }, OWN[outcome.kind], misses.sinceMs);
      return { ...before, outages, over: [], misses };
    }
  }
}

const OWN = { unreachable: UNREACHABLE, silent: SILENT, failed: FAILED };
const OWN_KEYS: ReadonlySet<string> = new Set([UNREACHABLE.key, FAILED.key]);
const isOwn = ({ key }: Outage): boolean => OWN_KEYS.has(key);

/** The outages with one the page has found out itself, in place of others of that kind. */
function withOwn(
  { outages }: Pick<ShellStatus, 'outages'>,
  own: Omit<Outage, 'sinceMs'>,
  sinceMs: number,
): readonly Outage[] {
  const known = outages.find(({ key }) => key === own.key);
  return [...outages.filter((one) => one.key !== own.key && !isOwn(one)), known ?? { ...own, sinceMs }];
}

/** What is known of the engines, with the one that the page has just found out. */
function databaseDown(view: EnginesView, sinceMs: number): EnginesView {
  const engines = view.engines?.map((one) =>
    one.engine === 'database' && one.state !== 'down' ? { ...one, state: 'down' as const, sinceMs } : one,
  );
  return { ...view, engines: engines ?? null };
}
