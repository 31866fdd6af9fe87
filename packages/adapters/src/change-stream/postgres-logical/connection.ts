import pg from 'pg';

/** Settings under which `columnJson` knows how values are printed. */
const OUTPUT = '-c datestyle=ISO -c timezone=UTC -c intervalstyle=postgres -c extra_float_digits=1 -c bytea_output=hex';
const CONNECT_TIMEOUT_MS = 5_000;
const asText = { getTypeParser: () => (value: string) => value };

/** A connection whose results are PostgreSQL's text, unparsed. `replication` speaks the replication protocol. */
export async function connectRaw(url: string, kind: 'sql' | 'replication'): Promise<pg.Client> {
  const config: pg.ClientConfig & { replication?: 'database' } = {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    options: OUTPUT,
    types: asText,
  };
  if (kind === 'replication') config.replication = 'database';
  const client = new pg.Client(config);
  // Statements report a lost connection themselves; unheard, the event would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
  return client;
}
