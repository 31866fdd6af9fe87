import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@ebap/pipeline/errors';

/** One secret of an installation: its file, the variable whose `_FILE` form names it, and what it looks like. */
interface SecretSpec {
  readonly file: string;
  readonly variable: string;
  readonly make: () => string;
}

const base64 = (bytes: number) => () => randomBytes(bytes).toString('base64');
const token = (prefix: string, bytes: number) => () => `${prefix}${randomBytes(bytes).toString('base64url')}`;

const SECRETS = {
  databasePassword: { file: 'database-password', variable: 'EBAP_DATABASE_PASSWORD', make: token('', 24) },
  session: { file: 'session-secret', variable: 'EBAP_SESSION_SECRET', make: base64(48) },
  oidcClient: { file: 'oidc-client-secret', variable: 'EBAP_OIDC_CLIENT_SECRET', make: token('', 32) },
  keyEncryption: { file: 'key-encryption-key', variable: 'EBAP_KEY_ENCRYPTION_KEY', make: base64(32) },
  demoApiKey: { file: 'demo-api-key', variable: 'EBAP_DEMO_API_KEY', make: token('ebap_demo_', 24) },
  demoApiKeyAcme: { file: 'demo-api-key-acme', variable: 'EBAP_DEMO_API_KEY_ACME', make: token('ebap_demo_', 24) },
} as const satisfies Record<string, SecretSpec>;

export type SecretName = keyof typeof SECRETS;

const PRIVATE_FOLDER_MODE = 0o700;
const PRIVATE_FILE_MODE = 0o600;

/**
 * Creates the secrets that are missing and returns `<variable>_FILE` for each of `names`, unless the person who
 * starts the platform has set the variable or its `_FILE` form.
 * @throws AppError `configuration` when a file of the folder could be read by others and that cannot be mended
 */
export function ensureSecrets(
  folder: string,
  names: readonly SecretName[],
  env: NodeJS.ProcessEnv,
): Record<string, string> {
  ensurePrivateFolder(folder);
  return Object.fromEntries(
    names.flatMap((name) => {
      const { file, variable, make } = SECRETS[name];
      if (isSet(env[variable]) || isSet(env[`${variable}_FILE`])) return [];
      const path = join(folder, file);
      createOnce(path, make);
      return [[`${variable}_FILE`, path] as const];
    }),
  );
}

/** Creates the folder, or closes it to others. */
export function ensurePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER_MODE });
  closeToOthers(folder, PRIVATE_FOLDER_MODE);
}

/** Writes a private file whole or not at all; an existing one stays as it is. */
export function createOnce(path: string, make: () => string): void {
  const draft = `${path}.${process.pid}.new`;
  rmSync(draft, { force: true });
  if (statSync(path, { throwIfNoEntry: false }) === undefined) {
    const fd = openSync(draft, 'wx', PRIVATE_FILE_MODE);
    writeSync(fd, `${make()}\n`);
    fsyncSync(fd);
    closeSync(fd);
    try {
      linkSync(draft, path);
    } finally {
      rmSync(draft, { force: true });
    }
  }
  closeToOthers(path, PRIVATE_FILE_MODE);
}

function closeToOthers(path: string, mode: number): void {
  if ((statSync(path).mode & 0o077) === 0) return;
  try {
    chmodSync(path, mode);
  } catch (cause) {
    throw new AppError('configuration', `${path} can be read by others, and its rights cannot be changed.`, { cause });
  }
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
