import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '@ebap/adapters/settings';
import { fileProbe, httpProbe, type ServiceSpec } from '../supervisor/index.ts';
import { ensureSecrets, type SecretName } from './secrets.ts';

/** Where the parts of an installation lie. */
export interface Paths {
  readonly root: string;
  readonly secrets: string;
  /** Files of this run alone. */
  readonly run: string;
  readonly databaseUrlFile: string;
  readonly servicesFile: string;
}

export function pathsOf(root: string, settings: Settings): Paths {
  const run = join(settings.dataDir, 'run');
  return {
    root,
    secrets: join(settings.dataDir, 'secrets'),
    run,
    databaseUrlFile: join(run, 'database-url'),
    servicesFile: join(run, 'services.json'),
  };
}

export const ENTRY = {
  postgres: 'stack/postgres.ts',
  worker: 'apps/stream-worker/src/main.ts',
  web: 'apps/web/server/main.ts',
  simulator: 'apps/simulator/src/main.ts',
} as const;

type ServiceName = keyof typeof ENTRY;

/** Each process is told the secrets it needs and no others. */
const SECRETS_OF: Readonly<Record<ServiceName, readonly SecretName[]>> = {
  postgres: ['databasePassword'],
  worker: ['keyEncryption'],
  web: ['session', 'oidcClient', 'keyEncryption', 'demoApiKey', 'demoApiKeyAcme'],
  simulator: ['demoApiKey', 'demoApiKeyAcme'],
};

export function postgresService(paths: Paths, settings: Settings, port: number, env: NodeJS.ProcessEnv): ServiceSpec {
  return {
    ...base('postgres', paths, settings, env, {
      EBAP_DATABASE_PORT: String(port),
      EBAP_DATABASE_URL_OUT: paths.databaseUrlFile,
    }),
    ready: fileProbe(paths.databaseUrlFile),
    beforeStart: () => rmSync(paths.databaseUrlFile, { force: true }),
    readyWithinMs: 120_000,
    stopWithinMs: 30_000,
  };
}

/** kafkajs sets timers for moments that have passed, which Node takes for 1 ms and warns of. */
const QUIET_TIMERS = '--disable-warning=TimeoutNegativeWarning';

export function workerService(paths: Paths, settings: Settings, env: NodeJS.ProcessEnv): ServiceSpec {
  return {
    // Short-lived objects of a cut or a fetch die young in a nursery of this size (MB); in a smaller one they survive.
    ...base('worker', paths, settings, env, databaseEnv(paths), ['--max-semi-space-size=64', QUIET_TIMERS]),
    ready: httpProbe(`http://127.0.0.1:${settings.workerInternalPort}/readyz`),
    readyWithinMs: 120_000,
    stopWithinMs: 20_000,
  };
}

export function webService(paths: Paths, settings: Settings, env: NodeJS.ProcessEnv): ServiceSpec {
  return {
    ...base(
      'web',
      paths,
      settings,
      env,
      { ...databaseEnv(paths), NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
      // A library's use of `url.parse`: nothing that whoever starts the platform could do about.
      ['--disable-warning=DEP0169', QUIET_TIMERS],
    ),
    ready: httpProbe(`http://${reachable(settings.host)}:${settings.port}/readyz`),
    readyWithinMs: 120_000,
    stopWithinMs: 15_000,
  };
}

export function simulatorService(paths: Paths, settings: Settings, env: NodeJS.ProcessEnv): ServiceSpec {
  return { ...base('simulator', paths, settings, env, databaseEnv(paths)), readyWithinMs: 10_000, stopWithinMs: 5_000 };
}

function base(
  name: ServiceName,
  paths: Paths,
  settings: Settings,
  env: NodeJS.ProcessEnv,
  extra: Readonly<Record<string, string>>,
  nodeFlags: readonly string[] = [],
): Pick<ServiceSpec, 'name' | 'command' | 'cwd' | 'env'> {
  const preload = join(paths.root, 'stack/supervisor/lifelinePreload.ts');
  const secretNames = SECRETS_OF[name].filter((secret) => settings.demoKeyEnabled || !secret.startsWith('demoApiKey'));
  return {
    name,
    command: [
      process.execPath,
      ...nodeFlags,
      '--enable-source-maps',
      '--import',
      preload,
      join(paths.root, ENTRY[name]),
    ],
    cwd: paths.root,
    env: {
      ...env,
      // Its value, if somebody set one, is in the file by now.
      EBAP_DATABASE_URL: undefined,
      EBAP_PUBLIC_URL: settings.publicUrl,
      EBAP_DATA_DIR: settings.dataDir,
      ...ensureSecrets(paths.secrets, secretNames, env),
      ...extra,
    },
  };
}

function databaseEnv(paths: Paths): Record<string, string> {
  return { EBAP_DATABASE_URL_FILE: paths.databaseUrlFile };
}

/** The address under which a listener on `host` answers on this machine. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
