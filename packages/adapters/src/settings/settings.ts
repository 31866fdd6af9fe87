import { isAbsolute, resolve } from 'node:path';
import { type ClusterSettings, readClusterSettings } from './clusterSettings.ts';
import { type Environment, EnvironmentReader } from './environment.ts';

export type Profile = 'embedded' | 'cluster';

/** Everything the environment decides. Secrets are undefined where the process was not given them. */
export interface Settings {
  readonly profile: Profile;
  /** Address the public port listens on. */
  readonly host: string;
  readonly port: number;
  /** Origin that people and the identity provider use, without a trailing slash. */
  readonly publicUrl: string;
  /** Details and metrics of the web app, on loopback. */
  readonly internalPort: number;
  /** Details and metrics of the stream worker, on loopback. */
  readonly workerInternalPort: number;
  /** Absolute. */
  readonly dataDir: string;
  /** Most the data folder may hold. */
  readonly dataLimitBytes: number;
  /** 0: the simulator is off. */
  readonly simulatorEventsPerSecond: number;
  /** One demo user per role at the local identity provider. */
  readonly demoLogins: boolean;
  /** False when `EBAP_DEMO_API_KEY=off`. */
  readonly demoKeyEnabled: boolean;
  /** Least important entry that is logged. */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly secrets: Secrets;
  readonly oidc: OidcSettings;
  /** The engines; null in the embedded profile. */
  readonly cluster: ClusterSettings | null;
}

export interface Secrets {
  readonly databaseUrl: string | undefined;
  /** Signs and encrypts session and sign-in cookies. */
  readonly sessionSecret: string | undefined;
  /** Base64 of 32 bytes that wrap subject and data keys. */
  readonly keyEncryptionKey: string | undefined;
  readonly demoApiKey: string | undefined;
  /** Write key of the second demo workspace. */
  readonly demoApiKeyAcme: string | undefined;
}

export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
}

const GIB = 1024 ** 3;

/**
 * Reads and checks the platform's settings.
 * @param baseDir what a relative `EBAP_DATA_DIR` is relative to
 * @throws AppError `configuration` naming every variable that is wrong
 */
export function loadSettings(env: Environment, baseDir: string = process.cwd()): Settings {
  const read = new EnvironmentReader(env);
  const profile = read.oneOf('EBAP_PROFILE', ['embedded', 'cluster'], 'embedded');
  const port = read.wholeNumber('EBAP_PORT', 3000, 1, 65_533);
  const publicUrl = read.httpUrl('EBAP_PUBLIC_URL', `http://localhost:${port}`);
  const dataDir = read.text('EBAP_DATA_DIR', '.ebap');
  const settings: Settings = {
    profile,
    host: read.text('EBAP_HOST', '127.0.0.1'),
    port,
    publicUrl,
    internalPort: read.wholeNumber('EBAP_INTERNAL_PORT', port + 1, 1, 65_535),
    workerInternalPort: read.wholeNumber('EBAP_WORKER_INTERNAL_PORT', port + 2, 1, 65_535),
    dataDir: isAbsolute(dataDir) ? dataDir : resolve(baseDir, dataDir),
    dataLimitBytes: read.wholeNumber('EBAP_DATA_LIMIT_GB', 5, 1, 100_000) * GIB,
    simulatorEventsPerSecond: read.rateOrOff('EBAP_SIMULATOR', profile === 'embedded' ? 50 : 0, 20_000),
    demoLogins: read.oneOf('EBAP_DEMO_LOGINS', ['on', 'off'], profile === 'embedded' ? 'on' : 'off') === 'on',
    demoKeyEnabled: profile === 'embedded' && read.text('EBAP_DEMO_API_KEY') !== 'off',
    logLevel: read.oneOf('EBAP_LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
    secrets: readSecrets(read),
    oidc: {
      issuer: read.httpUrl('EBAP_OIDC_ISSUER', `${publicUrl}/idp`),
      clientId: read.text('EBAP_OIDC_CLIENT_ID', 'ebap-web'),
      clientSecret: read.secret('EBAP_OIDC_CLIENT_SECRET'),
    },
    cluster: profile === 'cluster' ? readClusterSettings(read) : null,
  };
  checkPorts(read, settings);
  checkExposure(read, settings);
  if (profile === 'cluster') checkCluster(read, settings, env);
  read.assertSound();
  return settings;
}

/** True for an address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function readSecrets(read: EnvironmentReader): Secrets {
  const demoKeyOff = read.text('EBAP_DEMO_API_KEY') === 'off';
  return {
    databaseUrl: read.secret('EBAP_DATABASE_URL'),
    sessionSecret: read.secret('EBAP_SESSION_SECRET'),
    keyEncryptionKey: read.secret('EBAP_KEY_ENCRYPTION_KEY'),
    demoApiKey: demoKeyOff ? undefined : read.secret('EBAP_DEMO_API_KEY'),
    demoApiKeyAcme: demoKeyOff ? undefined : read.secret('EBAP_DEMO_API_KEY_ACME'),
  };
}

function checkPorts(read: EnvironmentReader, settings: Settings): void {
  const ports = [settings.port, settings.internalPort, settings.workerInternalPort];
  if (new Set(ports).size < ports.length) {
    read.problem('EBAP_PORT, EBAP_INTERNAL_PORT and EBAP_WORKER_INTERNAL_PORT must differ.');
  }
}

/** Known logins and a known key must not be reachable from another machine. */
function checkExposure(read: EnvironmentReader, settings: Settings): void {
  if (isLoopback(settings.host)) return;
  const open = [
    ...(settings.demoLogins ? ['EBAP_DEMO_LOGINS=off'] : []),
    ...(settings.demoKeyEnabled ? ['EBAP_DEMO_API_KEY=off'] : []),
  ];
  if (open.length === 0) return;
  read.problem(
    `EBAP_HOST=${settings.host} can be reached from other machines while demo access is on. ` +
      `Set ${open.join(' and ')}, or listen on 127.0.0.1.`,
  );
}

/** A cluster has no demo identity and brings secrets of its own. */
function checkCluster(read: EnvironmentReader, settings: Settings, env: Environment): void {
  if (settings.demoLogins) read.problem('EBAP_DEMO_LOGINS=on is refused in the cluster profile.');
  if (settings.simulatorEventsPerSecond > 0) read.problem('EBAP_SIMULATOR must be off in the cluster profile.');
  if (env.EBAP_OIDC_ISSUER === undefined) read.problem('EBAP_OIDC_ISSUER is required in the cluster profile.');
  const required: readonly (readonly [string, string | undefined])[] = [
    ['EBAP_DATABASE_URL', settings.secrets.databaseUrl],
    ['EBAP_SESSION_SECRET', settings.secrets.sessionSecret],
    ['EBAP_KEY_ENCRYPTION_KEY', settings.secrets.keyEncryptionKey],
    ['EBAP_OIDC_CLIENT_SECRET', settings.oidc.clientSecret],
  ];
  for (const [name, value] of required) {
    if (value === undefined) read.problem(`${name} (or ${name}_FILE) is required in the cluster profile.`);
  }
}
