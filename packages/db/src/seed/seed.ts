import { AppError } from '@ebap/pipeline/errors';
import pg from 'pg';
import { hashApiKey } from '../repositories/apiKeyText.ts';
import { DEMO_PEOPLE, SEED_ACTION_MAPPINGS, SEED_RATES, SEED_REGIONS, SEED_WORKSPACES } from './referenceData.ts';

export interface SeedOptions {
  /** Texts of the demo write keys by workspace; a workspace without one gets none, and an earlier one ends. */
  readonly demoKeys: { readonly meridian?: string | undefined; readonly acme?: string | undefined };
  /** One person per role, members of both workspaces; true by default. */
  readonly demoPeople?: boolean;
}

const DEMO_KEY_NAME = 'Demo key';
const MIN_KEY_LENGTH = 20;
const SEED_LOCK = 72_707_370;

const INSERT_PERSON = `
  INSERT INTO people (idp_subject, name, email) VALUES ($1, $2, $3) ON CONFLICT (idp_subject) DO NOTHING`;

// A demo key is known by its name: the one of an earlier secret no longer works. It is removed rather than revoked, so
// that a text which comes back works again; one that a person revoked stays revoked.
const REMOVE_OTHER_KEYS = `
  DELETE FROM api_keys
  WHERE workspace_id = $1 AND name = $2 AND revoked_at IS NULL AND key_hash IS DISTINCT FROM $3`;

/**
 * Writes workspaces, regions, rates, action names, demo people and demo keys into a migrated database. Idempotent, in
 * one transaction; rows that exist already stay as they are.
 * @throws AppError `configuration` when a demo key is too short.
 */
export async function seed(url: string, options: SeedOptions): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'ebap-seed' });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (cause) {
    throw new AppError('unavailable', 'The database cannot be reached to seed it.', { cause, retryable: true });
  }
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [SEED_LOCK]);
    await seedReference(client);
    if (options.demoPeople !== false) await seedPeople(client);
    for (const { id } of SEED_WORKSPACES) await seedKey(client, id, options.demoKeys[id]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  } finally {
    await client.end();
  }
}

async function seedReference(client: pg.Client): Promise<void> {
  await insert(client, 'workspaces', ['id', 'name', 'currency', 'zone', 'created_at'], SEED_WORKSPACES);
  await insert(client, 'regions', ['code', 'name', 'lat', 'lng', 'capacity'], SEED_REGIONS);
  const rates = SEED_RATES.map((rate) => ({ ...rate, valid_from: 0 }));
  await insert(client, 'rates', ['currency', 'valid_from', 'rate'], rates);
  const mappings = SEED_WORKSPACES.flatMap(({ id }) =>
    SEED_ACTION_MAPPINGS.map(({ sourceName, action }) => ({ workspace_id: id, source_name: sourceName, action })),
  );
  await insert(client, 'action_mappings', ['workspace_id', 'source_name', 'action'], mappings);
}

/** Table and column names are this file's own. */
async function insert(client: pg.Client, table: string, columns: readonly string[], rows: readonly object[]) {
  const list = columns.join(', ');
  const sql = `INSERT INTO ${table} (${list})
    SELECT ${list} FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb) ON CONFLICT DO NOTHING`;
  await client.query(sql, [JSON.stringify(rows)]);
}

async function seedPeople(client: pg.Client): Promise<void> {
  for (const { idpSubject, name, email, role } of DEMO_PEOPLE) {
    const { rowCount } = await client.query(INSERT_PERSON, [idpSubject, name, email]);
    if (rowCount === 0) continue;
    await client.query(
      `INSERT INTO memberships (person_id, workspace_id, role)
       SELECT p.id, w.id, $2 FROM people p, unnest($3::text[]) AS w (id) WHERE p.idp_subject = $1`,
      [idpSubject, role, SEED_WORKSPACES.map(({ id }) => id)],
    );
  }
}

async function seedKey(client: pg.Client, workspaceId: string, text: string | undefined): Promise<void> {
  if (text !== undefined && text.length < MIN_KEY_LENGTH) {
    throw new AppError('configuration', `The demo key of ${workspaceId} has fewer than ${MIN_KEY_LENGTH} characters.`);
  }
  const hash = text === undefined ? null : hashApiKey(text);
  await client.query(REMOVE_OTHER_KEYS, [workspaceId, DEMO_KEY_NAME, hash]);
  if (hash === null) return;
  const prefix = `demo${hash.toString('hex', 0, 4)}`;
  await client.query(
    `INSERT INTO api_keys (workspace_id, name, prefix, key_hash) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [workspaceId, DEMO_KEY_NAME, prefix, hash],
  );
}
