import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@ebap/pipeline/errors';

/** Settings of the simulator, checked. */
export interface Settings {
  /** Mean events per second over a week; null: the simulator is off. */
  readonly eventsPerSecond: number | null;
  /** Where `/v1/events` is. */
  readonly url: string;
  /** By workspace; shoppers of a workspace without a key stay at home. */
  readonly apiKeys: Readonly<Record<string, string>>;
  /** Holds the customer's `users` table; null: profiles are left alone. */
  readonly databaseUrl: string | null;
  readonly seed: number;
  /** As `parseScenario` reads them. */
  readonly scenarios: readonly string[];
  /** File that says which scenarios go on; its status stands beside it. */
  readonly controlFile: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_RATE = 50;
const MOST_RATE = 20_000;

/** Reads and checks the environment. Throws `configuration` naming the setting that is wrong. */
export function readSettings(env: Environment = process.env): Settings {
  const port = env.EBAP_PORT ?? '3000';
  const meridian = secret(env, 'EBAP_DEMO_API_KEY');
  const acme = secret(env, 'EBAP_DEMO_API_KEY_ACME');
  const eventsPerSecond = rate(env.EBAP_SIMULATOR);
  if (eventsPerSecond !== null && meridian === null && acme === null)
    throw new AppError('configuration', 'The simulator needs EBAP_DEMO_API_KEY or EBAP_DEMO_API_KEY_FILE.');
  return {
    eventsPerSecond,
    url: url(env.EBAP_PUBLIC_URL ?? `http://127.0.0.1:${port}`),
    apiKeys: { ...(meridian === null ? {} : { meridian }), ...(acme === null ? {} : { acme }) },
    databaseUrl: secret(env, 'EBAP_DATABASE_URL'),
    seed: seed(env.EBAP_SIMULATOR_SEED),
    scenarios: (env.EBAP_SIMULATOR_SCENARIO ?? '').split(/[;\s]+/).filter((s) => s !== ''),
    controlFile: env.EBAP_SIMULATOR_CONTROL ?? join(env.EBAP_DATA_DIR ?? '.ebap', 'simulator.json'),
  };
}

function rate(text: string | undefined): number | null {
  if (text === undefined || text === '') return DEFAULT_RATE;
  if (text === 'off' || text === '0') return null;
  const value = Number(text);
  if (!(value > 0 && value <= MOST_RATE))
    throw new AppError('configuration', `EBAP_SIMULATOR is "off" or events per second up to ${MOST_RATE}.`);
  return value;
}

function seed(text: string | undefined): number {
  const value = Number(text ?? 1);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new AppError('configuration', 'EBAP_SIMULATOR_SEED is a whole number from 0.');
  return value;
}

function url(text: string): string {
  if (!URL.canParse(text)) throw new AppError('configuration', 'EBAP_PUBLIC_URL is not a URL.');
  return text;
}

/** The setting itself or the content of the file that `<name>_FILE` names; null if neither is there. */
function secret(env: Environment, name: string): string | null {
  const direct = env[name];
  if (direct !== undefined && direct !== '') return direct;
  const file = env[`${name}_FILE`];
  if (file === undefined || file === '') return null;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new AppError('configuration', `${name}_FILE cannot be read.`, { cause, context: { file } });
  }
}
