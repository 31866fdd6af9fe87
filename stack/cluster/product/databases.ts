import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrate, seed } from '@ebap/db';
import { AppError } from '@ebap/pipeline/errors';
import pg from 'pg';
import type { ClusterAddresses } from '../addresses.ts';
import type { ClusterSecrets } from '../secrets.ts';

/** What a database's administrator runs once, for change capture. */
const SCRIPTS = {
  source: 'infra/kafka-connect/source-database.sql',
  reference: 'infra/kafka-connect/reference-database.sql',
};
const CAPTURE_ROLE = 'ebap_cdc';

export interface CaptureAccess {
  /** Of the least-privilege role, with its password. */
  readonly url: string;
  /** What Kafka Connect is told in place of the password. */
  readonly passwordReference: string;
}

/** The product's database: schema, seeds, and what lets Debezium follow its reference tables. */
export async function preparePlatform(
  root: string,
  addresses: ClusterAddresses,
  secrets: ClusterSecrets,
  demoKeys: { readonly meridian: string; readonly acme: string },
): Promise<CaptureAccess> {
  const { platformPostgresUrl: url } = addresses;
  await migrate(url);
  await seed(url, { demoKeys });
  return grantCapture(url, join(root, SCRIPTS.reference), 'reference', addresses, secrets);
}

/** The customer's database: their table of people, and what lets Debezium follow it. */
export async function prepareSource(
  root: string,
  addresses: ClusterAddresses,
  secrets: ClusterSecrets,
): Promise<CaptureAccess> {
  const { postgresUrl: url } = addresses;
  await runScript(url, join(import.meta.dirname, 'customers.sql'));
  return grantCapture(url, join(root, SCRIPTS.source), 'source', addresses, secrets);
}

async function grantCapture(
  url: string,
  script: string,
  name: 'source' | 'reference',
  { connectSecretsDir }: ClusterAddresses,
  secrets: ClusterSecrets,
): Promise<CaptureAccess> {
  const password = secrets.password(`capture-${name}`);
  await runScript(url, script);
  await withClient(url, async (client) => {
    await client.query(`ALTER ROLE ${CAPTURE_ROLE} PASSWORD ${client.escapeLiteral(password)}`);
  });
  // Connect's provider takes the file's whole text.
  writeFileSync(join(connectSecretsDir, name), password, { mode: 0o600 });
  const access = new URL(url);
  access.username = CAPTURE_ROLE;
  access.password = password;
  return { url: access.toString(), passwordReference: `\${directory:${connectSecretsDir}:${name}}` };
}

async function runScript(url: string, file: string): Promise<void> {
  await withClient(url, (client) => client.query(readFileSync(file, 'utf8')));
}

async function withClient(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'ebap-cluster' });
  client.on('error', () => {});
  try {
    await client.connect();
    await work(client);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('internal', `A database could not be prepared: ${reason}`, { cause });
  } finally {
    await client.end().catch(() => {});
  }
}
