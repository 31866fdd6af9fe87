import { join } from 'node:path';
import { type Environment, EnvironmentReader } from '@ebap/adapters/settings';

/** Settings of the simulator, checked. */
export interface Settings {
  /** Mean events per second over a week; 0: the simulator is off. */
  readonly eventsPerSecond: number;
  /** Where `/v1/events` is. */
  readonly url: string;
  /** By workspace; shoppers of a workspace without a key stay at home. */
  readonly apiKeys: Readonly<Record<string, string>>;
  /** Holds the customer's `users` table; undefined: profiles are left alone. */
  readonly databaseUrl: string | undefined;
  readonly seed: number;
  /** As `parseScenario` reads them. */
  readonly scenarios: readonly string[];
  /** File that says which scenarios go on; its status stands beside it. */
  readonly controlFile: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

const DEFAULT_RATE = 50;
const MOST_RATE = 20_000;

/** Reads the environment. Throws AppError `configuration` naming every setting that is wrong. */
export function readSettings(env: Environment): Settings {
  const read = new EnvironmentReader(env);
  const port = read.wholeNumber('EBAP_PORT', 3000, 1, 65_535);
  const eventsPerSecond = read.rateOrOff('EBAP_SIMULATOR', DEFAULT_RATE, MOST_RATE);
  const apiKeys = readKeys(read);
  if (eventsPerSecond > 0 && Object.keys(apiKeys).length === 0)
    read.problem('The simulator needs EBAP_DEMO_API_KEY (or EBAP_DEMO_API_KEY_FILE).');
  const settings: Settings = {
    eventsPerSecond,
    url: read.httpUrl('EBAP_PUBLIC_URL', `http://127.0.0.1:${port}`),
    apiKeys,
    databaseUrl: read.secret('EBAP_DATABASE_URL'),
    seed: read.wholeNumber('EBAP_SIMULATOR_SEED', 1, 0, Number.MAX_SAFE_INTEGER),
    scenarios: read
      .text('EBAP_SIMULATOR_SCENARIO', '')
      .split(/[;\s]+/)
      .filter((s) => s !== ''),
    controlFile: read.text('EBAP_SIMULATOR_CONTROL', join(read.text('EBAP_DATA_DIR', '.ebap'), 'simulator.json')),
    logLevel: read.oneOf('EBAP_LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
  };
  read.assertSound();
  return settings;
}

function readKeys(read: EnvironmentReader): Readonly<Record<string, string>> {
  if (read.text('EBAP_DEMO_API_KEY') === 'off') return {};
  const meridian = read.secret('EBAP_DEMO_API_KEY');
  const acme = read.secret('EBAP_DEMO_API_KEY_ACME');
  return { ...(meridian === undefined ? {} : { meridian }), ...(acme === undefined ? {} : { acme }) };
}
