import { ACTIONS, type Action, PLATFORMS, type Platform } from '@ebap/pipeline/contracts';
import { isZone, type TimeRange } from '@ebap/ui';

/** Ranges offered by name; also the spans that are asked from the server. */
export const RANGE_PRESETS = [
  { name: '15m', trailingMs: 15 * 60_000, label: 'Last 15 minutes' },
  { name: '1h', trailingMs: 3_600_000, label: 'Last hour' },
  { name: '3h', trailingMs: 3 * 3_600_000, label: 'Last 3 hours' },
  { name: '24h', trailingMs: 24 * 3_600_000, label: 'Last 24 hours' },
] as const;

export const DEFAULT_TRAILING_MS = 3 * 3_600_000;

/** All of the Live page that a link carries. */
export interface LiveUrlState {
  /** Null in a link that names none: the page then picks one by the data there is. */
  readonly range: TimeRange | null;
  /** IANA zone; null = the browser's. */
  readonly zone: string | null;
  readonly platform: Platform | null;
  /** Region code; null = all. */
  readonly region: string | null;
  readonly feedActions: readonly Action[];
  /** The panel that fills the screen. */
  readonly panel: string | null;
  /** Panels shown as tables. */
  readonly tables: readonly string[];
}

const REGION = /^[a-z0-9][a-z0-9-]{0,63}$/;
const PANEL = /^[a-z][a-z0-9-]{0,31}$/;

/** Reads a link; what does not parse is as if it were not there. */
export function parseLiveUrl(params: URLSearchParams): LiveUrlState {
  const zone = params.get('tz');
  const region = params.get('region');
  const panel = params.get('panel');
  return {
    range: parseRange(params),
    zone: zone && isZone(zone) ? zone : null,
    platform: PLATFORMS.find((platform) => platform === params.get('platform')) ?? null,
    region: region && REGION.test(region) ? region : null,
    feedActions: ACTIONS.filter((action) => list(params.get('actions')).includes(action)),
    panel: panel && PANEL.test(panel) ? panel : null,
    tables: list(params.get('table')).filter((name) => PANEL.test(name)),
  };
}

function parseRange(params: URLSearchParams): TimeRange | null {
  const fromMs = Date.parse(params.get('from') ?? '');
  const toMs = Date.parse(params.get('to') ?? '');
  if (toMs > fromMs) return { kind: 'fixed', fromMs, toMs };
  const preset = RANGE_PRESETS.find((one) => one.name === params.get('range'));
  return preset ? { kind: 'trailing', trailingMs: preset.trailingMs } : null;
}

function list(text: string | null): readonly string[] {
  return text ? text.split(',') : [];
}

/** Writes a link, leaving out what nobody chose. */
export function liveUrlParams(state: LiveUrlState): URLSearchParams {
  const params = new URLSearchParams();
  const { range } = state;
  if (range?.kind === 'fixed') {
    params.set('from', new Date(range.fromMs).toISOString());
    params.set('to', new Date(range.toMs).toISOString());
  } else if (range) {
    const preset = RANGE_PRESETS.find((one) => one.trailingMs === range.trailingMs);
    if (preset) params.set('range', preset.name);
  }
  if (state.zone) params.set('tz', state.zone);
  if (state.platform) params.set('platform', state.platform);
  if (state.region) params.set('region', state.region);
  if (state.feedActions.length > 0) params.set('actions', state.feedActions.join(','));
  if (state.panel) params.set('panel', state.panel);
  if (state.tables.length > 0) params.set('table', state.tables.join(','));
  return params;
}

/** The smallest offered span that reaches back to the range's start. */
export function trailingForRange(range: TimeRange, nowMs: number): number {
  if (range.kind === 'trailing') return range.trailingMs;
  const neededMs = nowMs - range.fromMs;
  return RANGE_PRESETS.find((preset) => preset.trailingMs >= neededMs)?.trailingMs ?? 24 * 3_600_000;
}

/**
 * The range a dragged stretch means: one that ends now and is about as long as an offered span follows now, any other
 * stands still.
 */
export function rangeFromStretch(fromMs: number, toMs: number, nowMs: number): TimeRange {
  const SLACK_MS = 2 * 60_000;
  const preset = RANGE_PRESETS.find((one) => Math.abs(one.trailingMs - (toMs - fromMs)) <= SLACK_MS);
  if (preset && nowMs - toMs <= SLACK_MS) return { kind: 'trailing', trailingMs: preset.trailingMs };
  return { kind: 'fixed', fromMs, toMs };
}
