import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { ChangeStream, EventLog } from '@ebap/pipeline/ports';
import pg from 'pg';
import { openKafkaEventLog } from '../../../event-log/index.ts';
import { engines } from '../../../testing/engines.ts';
import type { ChangeStreamUnderTest } from '../../conformance.ts';
import { readTopic } from '../../testing/readTopic.ts';
import { openDebeziumChangeStream } from '../index.ts';
import type { DebeziumChangeStreamOptions } from '../options.ts';

export interface Fixture extends ChangeStreamUnderTest {
  /** The source as its owner. */
  readonly url: string;
  /** Name of slot, connector and topic. */
  readonly name: string;
  readonly log: EventLog;
  readonly options: DebeziumChangeStreamOptions;
  open(changes?: Partial<DebeziumChangeStreamOptions>): ChangeStream;
  /** Asks Kafka Connect about the connector: `GET` on a path below it. */
  connector(path: string, method?: 'GET' | 'PUT' | 'POST' | 'DELETE'): Promise<unknown>;
}

type SourceAndTarget = Pick<ReturnType<typeof engines>, 'postgresUrl' | 'connectUrl' | 'kafka'>;

const MIGRATIONS = new URL('../../../../../db/prisma/migrations/', import.meta.url);
const INFRA = new URL('../../../../../../infra/kafka-connect/', import.meta.url);
/** Of a role that all tests on the server share, with signs that have to be escaped. */
export const PASSWORD = `p@ss'word:/%`;

/** A source of its own, prepared as a customer's is, a topic, and a connector between them. */
export async function fixture(partitions = 4, at: SourceAndTarget = engines()): Promise<Fixture> {
  const name = `t${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  const url = await sourceDatabase(at.postgresUrl, name);
  const log = await openKafkaEventLog({ brokers: at.kafka.brokers, clientId: name });
  const topic = `cdc.${name}`;
  await log.createTopic({ name: topic, partitions, cleanup: 'compact', retentionMs: 604_800_000 });
  const pool = new pg.Pool({ connectionString: url, max: 6 });
  pool.on('error', () => {});
  const role = new URL(url);
  role.username = 'ebap_cdc';
  role.password = encodeURIComponent(PASSWORD);
  const options: DebeziumChangeStreamOptions = {
    ...{ connect: { url: at.connectUrl }, connector: name, url: role.href, log, topic, partitions, slot: name },
    ...{ publication: 'ebap_cdc_users', tables: ['users'] },
  };
  const connector: Fixture['connector'] = async (path, method = 'GET') => {
    const answer = await fetch(`${at.connectUrl}/connectors/${name}${path}`, { method });
    const text = await answer.text();
    return text === '' ? null : JSON.parse(text);
  };
  return {
    ...{ url, name, log, options, partitions, connector },
    open: (changes = {}) => openDebeziumChangeStream({ ...options, ...changes }),
    async sql(text, values = []) {
      const { rows } = await pool.query<Record<string, unknown>>(text, [...values]);
      return rows;
    },
    read: () => readTopic(log, topic, partitions),
    async dispose() {
      await connector('', 'DELETE');
      await dropSlot(pool, name);
      await pool.end();
      await log.close();
      await asOwner(at.postgresUrl, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
    },
  };
}

async function sourceDatabase(server: string, name: string): Promise<string> {
  await asOwner(server, (client) => client.query(`CREATE DATABASE ${name}`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  const folders = (await readdir(MIGRATIONS, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const files = folders
    .map((folder) => folder.name)
    .sort()
    .map((folder) => new URL(`${folder}/migration.sql`, MIGRATIONS));
  const prepared = ['source-database.sql', 'reference-database.sql'].map((file) => new URL(file, INFRA));
  await asOwner(url.href, async (client) => {
    for (const file of files) await client.query(await readFile(file, 'utf8'));
    // The scripts may be run again; and two tests may run them at once on the same role.
    for (let runs = 0, faults = 0; runs < 2; ) {
      try {
        for (const file of prepared) await client.query(await readFile(file, 'utf8'));
        await client.query(`ALTER ROLE ebap_cdc PASSWORD ${pg.escapeLiteral(PASSWORD)}`);
        runs++;
      } catch (error) {
        await client.query('ROLLBACK');
        if (++faults > 5 || !/concurrently updated/.test(String(error))) throw error;
      }
    }
  });
  return url.href;
}

async function asOwner(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** The connector lets go of it some time after it was deleted. */
async function dropSlot(pool: pg.Pool, slot: string): Promise<void> {
  await pool.query('SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1', [slot]);
  for (let tries = 1; ; tries++) {
    try {
      await pool.query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1', [
        slot,
      ]);
      return;
    } catch (error) {
      if (tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
