import {
  ACTIONS,
  type Action,
  GRAIN_MS,
  type Member,
  memberKey,
  PLATFORMS,
  TIERS,
  UNKNOWN_REGION,
} from '@ebap/pipeline/contracts';
import type { WindowCell } from '@ebap/pipeline/hot';
import { MEASURES, type MeasureName, type SeriesFilter, type SeriesQuery } from '@ebap/pipeline/semantics';
import type { RegionInfo } from './reference.ts';

/** What a window says about one line. */
export interface PointValue {
  readonly value: number | null;
  /** Ratios only. */
  readonly numerator: number | null;
  readonly denominator: number | null;
}

export const NOTHING_KNOWN: PointValue = { value: null, numerator: null, denominator: null };

/** One line of the answer: where its cells are and which of their numbers it wants. */
export interface PlannedLine {
  readonly key: string;
  readonly label: string;
  /** Field of the window's hash. */
  readonly field: string;
  readonly action: Action | null;
}

export interface SeriesPlan {
  readonly lines: readonly PlannedLine[];
  readonly stepMs: number;
  readonly steps: number;
  readonly isRatio: boolean;
  /** `elapsedMs`: how much of the window has passed. */
  readonly valueOf: (cell: WindowCell, line: PlannedLine, elapsedMs: number) => PointValue;
}

/** A rate over less than this says nothing yet. */
const SHORTEST_RATE_MS = 1_000;

/** Turns a checked query into reads of the hot store. */
export function planSeries(query: SeriesQuery, regions: readonly RegionInfo[]): SeriesPlan {
  const stepMs = GRAIN_MS[query.grain];
  return {
    lines: planLines(query, regions),
    stepMs,
    steps: Math.max(1, Math.ceil(query.range.trailingMs / stepMs)),
    isRatio: MEASURES[query.measure].kind === 'ratio',
    valueOf: (cell, line, elapsedMs) => FORMULAS[query.measure](cell, line.action, elapsedMs),
  };
}

function planLines(query: SeriesQuery, regions: readonly RegionInfo[]): readonly PlannedLine[] {
  const { filter, by } = query;
  const action = filter.action ?? null;
  const line = (key: string, label: string, over: SeriesFilter): PlannedLine => ({
    key,
    label,
    field: memberKey(memberOf({ ...filter, ...over })),
    action: over.action ?? action,
  });
  switch (by) {
    case null:
      return [line('*', MEASURES[query.measure].title, {})];
    case 'region':
      return regionNames(regions)
        .filter(({ code }) => filter.region === undefined || code === filter.region)
        .map(({ code, name }) => line(code, name, { region: code }));
    case 'platform':
      return only(PLATFORMS, filter.platform).map((platform) => line(platform, platform, { platform }));
    case 'tier':
      return only(TIERS, filter.tier).map((tier) => line(tier, tier, { tier }));
    case 'action':
      return only(ACTIONS, filter.action).map((one) => line(one, one, { action: one }));
  }
}

function only<T>(all: readonly T[], wanted: T | undefined): readonly T[] {
  return wanted === undefined ? all : [wanted];
}

/** All regions that events can have, `unknown` last. */
export function regionNames(
  regions: readonly RegionInfo[],
): readonly { readonly code: string; readonly name: string }[] {
  return [...regions, { code: UNKNOWN_REGION, name: 'Unknown' }];
}

/** The declared group that holds exactly what the filter selects; the query was checked, so there is one. */
export function memberOf({ region, platform, tier }: SeriesFilter): Member {
  if (region !== undefined && platform !== undefined) return { set: 'region_platform', region, platform };
  if (region !== undefined) return { set: 'region', region };
  if (platform !== undefined) return { set: 'platform', platform };
  return tier === undefined ? { set: 'total' } : { set: 'tier', tier };
}

type Formula = (cell: WindowCell, action: Action | null, elapsedMs: number) => PointValue;

function plain(value: number | null): PointValue {
  return { value, numerator: null, denominator: null };
}

function eventsOf(cell: WindowCell, action: Action | null): number {
  return action === null ? cell.view + cell.cart + cell.purchase + cell.login : cell[action];
}

/** A window that is still open is divided by what has passed of it, so that its rate is not low only because it is young. */
function rate(amount: number, elapsedMs: number, perMs: number): number | null {
  return elapsedMs < SHORTEST_RATE_MS ? null : (amount * perMs) / elapsedMs;
}

const FORMULAS: Readonly<Record<MeasureName, Formula>> = {
  events: (cell, action) => plain(eventsOf(cell, action)),
  event_rate: (cell, action, elapsedMs) => plain(rate(eventsOf(cell, action), elapsedMs, 1_000)),
  active_users: (cell) => plain(cell.activeUsers),
  orders: (cell) => plain(cell.purchase),
  sales: (cell) => plain(cell.sales),
  sales_rate: (cell, _action, elapsedMs) => {
    const units = rate(cell.sales, elapsedMs, 60_000);
    return plain(units === null ? null : Math.round(units));
  },
  cart_abandonment: ({ cartsDue, cartsAbandoned }) => ({
    value: cartsDue === 0 ? null : cartsAbandoned / cartsDue,
    numerator: cartsAbandoned,
    denominator: cartsDue,
  }),
};
