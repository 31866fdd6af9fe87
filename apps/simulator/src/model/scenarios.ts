import { regionIndex, SHOP_REGIONS, SHOPPER_PLATFORMS } from './regions.ts';

/** What can be made to happen. */
export const SCENARIO_NAMES = ['region-overload', 'spike-40s', 'checkout-failure', 'ios-release', 'silence'] as const;
export type ScenarioName = (typeof SCENARIO_NAMES)[number];

/** A scenario that someone started. */
export interface ScenarioRun {
  readonly name: ScenarioName;
  readonly startMs: number;
  /** Code of the region that it happens in; scenarios that happen everywhere ignore it. */
  readonly region: string;
  /** Seconds until it is over; infinity where it stays until it is taken back. */
  readonly durationSeconds: number;
}

export const DEFAULT_SCENARIO_REGION = 'eu-west-1';
export const DEFAULT_SCENARIO_SECONDS: Readonly<Record<ScenarioName, number>> = {
  'region-overload': 900,
  'spike-40s': 40,
  'checkout-failure': 600,
  'ios-release': Number.POSITIVE_INFINITY,
  silence: 120,
};

/** The model's parameters that scenarios bend. Tables are by region or by platform, in their order. */
export interface Conditions {
  /** Producers send nothing. */
  readonly silent: boolean;
  /** Sessions that start, relative to normal. */
  readonly arrivals: readonly number[];
  /** Events of short visits on top, relative to the region's normal traffic. */
  readonly rush: readonly number[];
  /** Probability that paying fails. */
  readonly checkoutFailure: readonly number[];
  /** Willingness to buy, relative to normal. */
  readonly purchase: readonly number[];
}

const everywhere = (value: number): readonly number[] => SHOP_REGIONS.map(() => value);
const only = (region: string, value: number, otherwise: number): readonly number[] =>
  SHOP_REGIONS.map((r) => (r.code === region ? value : otherwise));

/** Cards are declined and people mistype on any day. */
const EVERYDAY_FAILURE = 0.01;

export const NORMAL: Conditions = {
  silent: false,
  arrivals: everywhere(1),
  rush: everywhere(0),
  checkoutFailure: everywhere(EVERYDAY_FAILURE),
  purchase: SHOPPER_PLATFORMS.map(() => 1),
};

/** How the scenario bends normal conditions, `seconds` after its start. */
export function scenarioEffect(run: Omit<ScenarioRun, 'startMs'>, seconds: number): Partial<Conditions> {
  if (seconds < 0 || seconds >= run.durationSeconds) return {};
  switch (run.name) {
    case 'region-overload':
      return {
        arrivals: only(run.region, 1 + 2 * Math.min(1, seconds / 30), 1),
        checkoutFailure: only(run.region, 0.6 * Math.min(1, seconds / 60), EVERYDAY_FAILURE),
      };
    case 'spike-40s':
      return { rush: only(run.region, 4, 0) };
    case 'checkout-failure':
      return { checkoutFailure: everywhere(1) };
    case 'ios-release':
      return { purchase: SHOPPER_PLATFORMS.map((p) => (p === 'ios' ? 0.4 : 1)) };
    case 'silence':
      return { silent: true };
  }
}

/** Everything that is going on at that time, together. Failures do not add up: the worst one counts. */
export function conditionsAt(runs: readonly ScenarioRun[], timeMs: number): Conditions {
  return runs.reduce((now: Conditions, run) => {
    const effect = scenarioEffect(run, (timeMs - run.startMs) / 1_000);
    return {
      silent: now.silent || effect.silent === true,
      arrivals: combine(now.arrivals, effect.arrivals, (a, b) => a * b),
      rush: combine(now.rush, effect.rush, (a, b) => a + b),
      checkoutFailure: combine(now.checkoutFailure, effect.checkoutFailure, Math.max),
      purchase: combine(now.purchase, effect.purchase, (a, b) => a * b),
    };
  }, NORMAL);
}

function combine(
  now: readonly number[],
  effect: readonly number[] | undefined,
  by: (a: number, b: number) => number,
): readonly number[] {
  return effect === undefined ? now : now.map((value, i) => by(value, effect[i] ?? value));
}

/**
 * Reads `name[@delay][:region=code,duration=seconds]`, the form of settings and flags: `spike-40s@60:region=us-east-1`
 * starts a minute after `startMs`. Returns what is wrong with it as text instead of throwing.
 */
export function parseScenario(text: string, startMs: number): ScenarioRun | { readonly problem: string } {
  const match = /^([a-z0-9-]+)(?:@(\d+(?:\.\d+)?))?(?::(.*))?$/.exec(text.trim());
  if (match === null) return { problem: `"${text}" is not name[@delay][:key=value,…]` };
  const [, name = '', delay = '0', rest = ''] = match;
  const options = new Map(
    rest
      .split(',')
      .filter((pair) => pair !== '')
      .map((pair): [string, string] => {
        const [key = '', value = ''] = pair.split('=');
        return [key.trim(), value.trim()];
      }),
  );
  for (const key of options.keys())
    if (key !== 'region' && key !== 'duration') return { problem: `Scenarios have no option "${key}".` };
  return scenarioRun(name, startMs + Number(delay) * 1_000, options.get('region'), options.get('duration'));
}

/** Checks the parts of a scenario and fills in what is left out. */
export function scenarioRun(
  name: string,
  startMs: number,
  region: string | undefined,
  durationSeconds: string | number | undefined,
): ScenarioRun | { readonly problem: string } {
  const known = SCENARIO_NAMES.find((n) => n === name);
  if (known === undefined)
    return { problem: `There is no scenario "${name}"; there are ${SCENARIO_NAMES.join(', ')}.` };
  if (!Number.isFinite(startMs)) return { problem: 'The start is not a time.' };
  const code = region ?? DEFAULT_SCENARIO_REGION;
  if (regionIndex(code) === null) return { problem: `There is no region "${code}".` };
  const seconds = durationSeconds === undefined ? DEFAULT_SCENARIO_SECONDS[known] : Number(durationSeconds);
  if (!(seconds > 0)) return { problem: `"${durationSeconds}" is not a number of seconds above 0.` };
  return { name: known, startMs, region: code, durationSeconds: seconds };
}
