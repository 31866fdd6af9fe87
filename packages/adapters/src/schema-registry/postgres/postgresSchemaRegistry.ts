import { createHash } from 'node:crypto';
import { AppError } from '@ebap/pipeline/errors';
import type { CompatibilityResult, RegisteredSchema, SchemaRegistry } from '@ebap/pipeline/ports';
import type pg from 'pg';
import { inTransaction, type PostgresSource, poolFrom, query } from '../../postgres/index.ts';
import { canonicalSchema, compatibilityFaults, parseSchema } from '../avro/index.ts';

export interface PostgresSchemaRegistry extends SchemaRegistry {
  /** Ends the connections it opened; a pool that was given stays open. */
  close(): Promise<void>;
}

const COLUMNS = 'v.schema_id AS id, v.subject, v.version, s.schema, s.canonical_hash';
const FROM = 'FROM schema_registry_versions v JOIN schema_registry_schemas s ON s.id = v.schema_id';
const OF_SUBJECT = `SELECT ${COLUMNS} ${FROM} WHERE v.subject = $1 ORDER BY v.version`;
const LATEST = `SELECT ${COLUMNS} ${FROM} WHERE v.subject = $1 ORDER BY v.version DESC LIMIT 1`;
const BY_ID = `SELECT ${COLUMNS} ${FROM} WHERE v.schema_id = $1 ORDER BY v.subject, v.version LIMIT 1`;

/** Registrations of one subject stand in line: each is checked against all that were there before. */
const LOCK_SUBJECT = `SELECT pg_advisory_xact_lock(hashtextextended('schema-registry/' || $1, 0))`;
const ADD_SCHEMA = `
  INSERT INTO schema_registry_schemas (canonical_hash, schema) VALUES ($1, $2) ON CONFLICT (canonical_hash) DO NOTHING`;
const FIND_SCHEMA = 'SELECT id, schema FROM schema_registry_schemas WHERE canonical_hash = $1';
const ADD_VERSION = 'INSERT INTO schema_registry_versions (subject, version, schema_id) VALUES ($1, $2, $3)';

interface Row extends pg.QueryResultRow {
  readonly id: number;
  readonly subject: string;
  readonly version: number;
  readonly schema: string;
  readonly canonical_hash: string;
}

/** Schemas in PostgreSQL, on the tables of the product's migrations. Opens connections when they are needed. */
export function openPostgresSchemaRegistry(source: PostgresSource): PostgresSchemaRegistry {
  const { pool, close } = poolFrom(source);
  // Schemas are never changed nor removed: what was found once stays true.
  const byId = new Map<number, RegisteredSchema>();
  const byText = new Map<string, RegisteredSchema>();
  return {
    async register(subject, schema) {
      const hash = hashOf(schema);
      const cached = byText.get(`${hash}/${subject}`);
      if (cached !== undefined) return cached;
      const registered = await inTransaction(pool, 'registering a schema', (client) =>
        registerIn(client, subject, schema, hash),
      );
      byText.set(`${hash}/${subject}`, registered);
      return registered;
    },
    async byId(id) {
      const found = byId.get(id) ?? (await findById(pool, id));
      byId.set(id, found);
      return found;
    },
    async latest(subject) {
      const [row] = await query<Row>(pool, 'reading a schema', LATEST, [subject]);
      return row === undefined ? null : registeredFrom(row);
    },
    async versions(subject) {
      const rows = await query<Row>(pool, 'reading schemas', OF_SUBJECT, [subject]);
      return rows.map(registeredFrom);
    },
    async checkCompatibility(subject, schema) {
      return compatibilityWith(await query<Row>(pool, 'reading schemas', OF_SUBJECT, [subject]), schema);
    },
    close,
  };
}

async function findById(pool: pg.Pool, id: number): Promise<RegisteredSchema> {
  // Beyond the column's type there is nothing to find.
  const isPossible = Number.isInteger(id) && id > 0 && id < 2 ** 31;
  const [row] = isPossible ? await query<Row>(pool, 'reading a schema', BY_ID, [id]) : [];
  if (row === undefined) throw new AppError('not_found', `there is no schema ${id}`);
  return registeredFrom(row);
}

async function registerIn(
  client: pg.ClientBase,
  subject: string,
  schema: string,
  hash: string,
): Promise<RegisteredSchema> {
  await client.query(LOCK_SUBJECT, [subject]);
  const { rows: history } = await client.query<Row>(OF_SUBJECT, [subject]);
  const same = history.find((row) => row.canonical_hash === hash);
  if (same !== undefined) return registeredFrom(same);
  const compatibility = compatibilityWith(history, schema);
  if (!compatibility.compatible)
    throw new AppError('incompatible_schema', `${subject}: ${compatibility.reasons.join('; ')}`, {
      context: { subject },
    });
  await client.query(ADD_SCHEMA, [hash, schema]);
  const { rows } = await client.query<{ id: number; schema: string }>(FIND_SCHEMA, [hash]);
  const [stored] = rows;
  if (stored === undefined) throw new AppError('internal', 'a schema vanished while it was registered');
  const version = (history.at(-1)?.version ?? 0) + 1;
  await client.query(ADD_VERSION, [subject, version, stored.id]);
  return { id: stored.id, subject, version, schema: stored.schema };
}

/** BACKWARD_TRANSITIVE: the new schema reads what was written with any version before it. */
function compatibilityWith(history: readonly Row[], schema: string): CompatibilityResult {
  const reader = parseSchema(schema);
  const reasons = history.flatMap(({ version, schema: written }) =>
    compatibilityFaults(reader, parseSchema(written)).map((fault) => `version ${version}: ${fault}`),
  );
  return reasons.length === 0 ? { compatible: true } : { compatible: false, reasons };
}

function hashOf(schema: string): string {
  return createHash('sha256').update(canonicalSchema(schema)).digest('hex');
}

function registeredFrom({ id, subject, version, schema }: Row): RegisteredSchema {
  return { id, subject, version, schema };
}
