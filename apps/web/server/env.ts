import { EnvironmentReader, isLoopback, loadSettings, type Settings } from '@ebap/adapters/settings';
import { AppError } from '@ebap/pipeline/errors';
import { type GroupGrant, parseGroupGrants } from '../src/server/auth/groupRoles.ts';

export interface WebSettings {
  readonly settings: Settings;
  readonly isLoopback: boolean;
  readonly isDevelopment: boolean;
  readonly databaseUrl: string;
  readonly sessionSecret: string;
  readonly keyEncryptionKey: Buffer;
  readonly clientSecret: string;
  /** Records per second and workspace. */
  readonly ingestPerSecond: number;
  readonly groupGrants: readonly GroupGrant[];
}

const KEY_BYTES = 32;
const MAX_RATE = 10_000_000;

/** Reads the web server's settings. @throws AppError `configuration` naming what is missing or wrong. */
export function loadWebSettings(env: NodeJS.ProcessEnv): WebSettings {
  const settings = loadSettings(env);
  const read = new EnvironmentReader(env);
  const ingestPerSecond = read.wholeNumber('EBAP_INGEST_EVENTS_PER_SECOND', 50_000, 1, MAX_RATE);
  const { grants, malformed } = parseGroupGrants(read.text('EBAP_GROUP_ROLES', ''));
  for (const entry of malformed) read.problem(`EBAP_GROUP_ROLES: "${entry}" is not <group>=<role>[@<workspace>].`);
  read.assertSound();
  const { databaseUrl, sessionSecret, keyEncryptionKey } = settings.secrets;
  const key = Buffer.from(required('EBAP_KEY_ENCRYPTION_KEY', keyEncryptionKey), 'base64');
  if (key.length !== KEY_BYTES)
    throw new AppError('configuration', 'EBAP_KEY_ENCRYPTION_KEY must be the base64 of 32 bytes.');
  return {
    settings,
    isLoopback: isLoopback(settings.host),
    isDevelopment: env.NODE_ENV !== 'production',
    databaseUrl: required('EBAP_DATABASE_URL', databaseUrl),
    sessionSecret: required('EBAP_SESSION_SECRET', sessionSecret),
    keyEncryptionKey: key,
    clientSecret: required('EBAP_OIDC_CLIENT_SECRET', settings.oidc.clientSecret),
    ingestPerSecond,
    groupGrants: grants,
  };
}

/** next-auth takes its own origin from the environment and from nowhere else. */
export function tellNextAuthItsOrigin(publicUrl: string): void {
  process.env.NEXTAUTH_URL = publicUrl;
}

function required(name: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw new AppError('configuration', `${name} (or ${name}_FILE) must be set.`);
}
