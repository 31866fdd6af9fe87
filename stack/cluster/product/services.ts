import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSettings } from '@ebap/adapters/settings';
import { ensurePrivateFolder, ensureSecrets } from '../../start/secrets.ts';
import { pathsOf, simulatorService, webService, workerService } from '../../start/services.ts';
import { httpProbe, type ServiceSpec } from '../../supervisor/index.ts';
import type { ClusterAddresses } from '../addresses.ts';
import type { ProductService } from '../cli/clusterStart.ts';
import { clusterPaths } from '../cli/paths.ts';
import { ClusterSecrets } from '../secrets.ts';
import { type CaptureAccess, preparePlatform, prepareSource } from './databases.ts';

export interface ProductOptions {
  /** The checkout. */
  readonly root: string;
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
}

const DEFAULT_PORT = 3000;
const DEFAULT_EVENTS_PER_SECOND = '50';

/** Where the local identity provider answers, beside the product's own ports. */
export function identityPort(port: number): number {
  return port + 3;
}

/** Prepares the databases, and says which programs of the product run on the engines, in the order of their start. */
export async function productServices(
  { root, dataDir, env }: ProductOptions,
  addresses: ClusterAddresses,
): Promise<readonly ProductService[]> {
  const { engines, product: productDir, secrets: secretsDir } = clusterPaths(dataDir);
  const passwords = new ClusterSecrets(join(engines, 'secrets'));
  const keys = ensureSecrets(secretsDir, ['demoApiKey', 'demoApiKeyAcme'], env);
  const reference = await preparePlatform(root, addresses, passwords, {
    meridian: secretOf(keys, env, 'EBAP_DEMO_API_KEY'),
    acme: secretOf(keys, env, 'EBAP_DEMO_API_KEY_ACME'),
  });
  const source = await prepareSource(root, addresses, passwords);
  const port = Number(env.EBAP_PORT ?? DEFAULT_PORT);
  const idpPort = identityPort(port);
  const product = {
    ...env,
    ...engineEnvironment(addresses, reference, source),
    ...ensureSecrets(secretsDir, ['session', 'oidcClient', 'keyEncryption'], env),
    EBAP_PROFILE: 'cluster',
    EBAP_PORT: String(port),
    EBAP_PUBLIC_URL: env.EBAP_PUBLIC_URL ?? `http://localhost:${port}`,
    EBAP_DATA_DIR: productDir,
    EBAP_OIDC_ISSUER: `http://localhost:${idpPort}/idp`,
    EBAP_DATABASE_URL: addresses.platformPostgresUrl,
    EBAP_SIMULATOR: 'off',
  };
  const settings = loadSettings(product, root);
  const paths = pathsOf(root, settings);
  ensurePrivateFolder(settings.dataDir);
  ensurePrivateFolder(paths.run);
  writeFileSync(paths.databaseUrlFile, addresses.platformPostgresUrl, { mode: 0o600 });
  const shoppers = {
    ...product,
    ...keys,
    EBAP_PROFILE: 'embedded',
    EBAP_SIMULATOR: env.EBAP_SIMULATOR ?? DEFAULT_EVENTS_PER_SECOND,
  };
  return [
    { label: 'Identity provider', spec: identityService(root, product, idpPort) },
    { label: 'Stream worker', spec: workerService(paths, settings, product) },
    { label: 'Web app', spec: webService(paths, settings, product) },
    ...(shoppers.EBAP_SIMULATOR === 'off'
      ? []
      : [{ label: 'Simulator', spec: shopperService(simulatorService(paths, settings, shoppers), addresses) }]),
  ];
}

/** Where the engines are, as the product's settings say it. */
function engineEnvironment(
  addresses: ClusterAddresses,
  reference: CaptureAccess,
  source: CaptureAccess,
): Readonly<Record<string, string>> {
  return {
    EBAP_KAFKA_BROKERS: addresses.kafka.brokers.join(','),
    EBAP_SCHEMA_REGISTRY_URL: addresses.registryUrl,
    EBAP_REDIS_URL: addresses.redisUrl,
    EBAP_CONNECT_URL: addresses.connectUrl,
    EBAP_SOURCE_DATABASE_URL: source.url,
    EBAP_REFERENCE_DATABASE_URL: reference.url,
    EBAP_CONNECT_SOURCE_PASSWORD: source.passwordReference,
    EBAP_CONNECT_REFERENCE_PASSWORD: reference.passwordReference,
  };
}

function identityService(root: string, env: NodeJS.ProcessEnv, port: number): ServiceSpec {
  const preload = join(root, 'stack/supervisor/lifelinePreload.ts');
  return {
    name: 'identity',
    command: [process.execPath, '--enable-source-maps', '--import', preload, join(root, 'apps/web/server/idp/main.ts')],
    cwd: root,
    env: { ...env, EBAP_IDP_PORT: String(port) },
    ready: httpProbe(`http://127.0.0.1:${port}/readyz`),
    readyWithinMs: 30_000,
    stopWithinMs: 5_000,
  };
}

/** The simulator's people are rows of the customer's database. */
function shopperService(spec: ServiceSpec, { postgresUrl }: ClusterAddresses): ServiceSpec {
  return { ...spec, env: { ...spec.env, EBAP_DATABASE_URL: postgresUrl, EBAP_DATABASE_URL_FILE: undefined } };
}

function secretOf(files: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv, name: string): string {
  const file = files[`${name}_FILE`] ?? env[`${name}_FILE`];
  return file === undefined ? (env[name] ?? '') : readFileSync(file, 'utf8').trim();
}
