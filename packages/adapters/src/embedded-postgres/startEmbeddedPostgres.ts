import { createServer } from 'node:net';
import { AppError } from '@ebap/pipeline/errors';
import pg from 'pg';
import { type Binaries, installBinaries } from './binaries.ts';
import { clusterDir, ensureCluster, SUPERUSER } from './cluster.ts';
import { claimHome, endEarlierServer } from './earlierRun.ts';
import { folderFault } from './faults.ts';
import { type Home, prepareHome, removeAbandoned } from './home.ts';
import { DEFAULT_WAL_LIMITS, type Server, startServer, type WalLimits } from './server.ts';

export interface EmbeddedPostgresOptions {
  /** Folder of this database; created. As root it only names the place of the data: see {@link sharedDir}. */
  readonly dataDir: string;
  /** Port on 127.0.0.1; a free one by default. */
  readonly port?: number;
  /** Of the role `postgres`. Fixed when the data folder is first used. */
  readonly password: string;
  /** Database to create if it is missing. */
  readonly database: string;
  /** Takes each line of the server's log. */
  readonly log?: (line: string) => void;
  /** As root: where an unprivileged user can reach data and programs; default `/var/lib/ebap`, else `/var/tmp`. */
  readonly sharedDir?: string;
  /** How much of its own log the server may keep; default {@link DEFAULT_WAL_LIMITS}. */
  readonly walLimits?: WalLimits;
}

export interface EmbeddedPostgres {
  readonly port: number;
  /** Of the server's first process, which all others descend from; undefined once it has ended. */
  readonly pid: number | undefined;
  /** The folder that its data lies in. */
  readonly home: string;
  /** Settles when the server has ended, asked or not, with the last lines of its log. */
  readonly exited: Promise<string>;
  /** Connection string with the password, to `db` or the database of the options. Never log it. */
  url(db?: string): string;
  /** Fast shutdown; resolves when the server is gone. May be called again. */
  stop(): Promise<void>;
}

const FREE_PORT_ATTEMPTS = 5;

/**
 * Starts a real PostgreSQL from npm's binaries on 127.0.0.1, creating cluster and database when they are missing
 * and recovering from an earlier start that was killed at any point. Ends with this process, even by `kill -9`.
 * @throws AppError `configuration` with what to mend (folder, disk, port, user, password, a second start),
 *   `unsupported_version` for data of another major version, `timeout`, `internal`.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const home = await prepareHome(options.dataDir, options.sharedDir);
  try {
    const release = await claimHome(home.dir);
    try {
      return await startIn(home, options, release);
    } catch (error) {
      await release();
      throw error;
    }
  } catch (error) {
    throw folderFault(home.dir, error);
  }
}

async function startIn(
  home: Home,
  options: EmbeddedPostgresOptions,
  release: () => Promise<void>,
): Promise<EmbeddedPostgres> {
  await endEarlierServer(clusterDir(home));
  await removeAbandoned(home.dir);
  const binaries = await installBinaries(home.dir);
  await ensureCluster(home, binaries, options.password);
  const { server, port } = await startOnPort(home, binaries, options);
  const url = (db = options.database) =>
    `postgres://${SUPERUSER}:${encodeURIComponent(options.password)}@127.0.0.1:${port}/${encodeURIComponent(db)}`;
  try {
    await ensureDatabase(url('postgres'), options.database);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    port,
    get pid() {
      return server.pid;
    },
    home: home.dir,
    exited: server.exited,
    url,
    async stop() {
      await server.stop();
      await release();
    },
  };
}

async function startOnPort(
  home: Home,
  binaries: Binaries,
  options: EmbeddedPostgresOptions,
): Promise<{ server: Server; port: number }> {
  const { log = () => {}, walLimits = DEFAULT_WAL_LIMITS } = options;
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    try {
      return { port, server: await startServer(home, binaries.postgres, port, log, walLimits) };
    } catch (error) {
      const taken = error instanceof AppError && error.context.port === port;
      if (options.port !== undefined || !taken || attempt === FREE_PORT_ATTEMPTS) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new AppError('internal', 'No free port was found.');
  return address.port;
}

async function ensureDatabase(adminUrl: string, database: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  try {
    await client.connect();
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '28P01') {
      throw new AppError('configuration', 'The data folder was made with another database password.', { cause: error });
    }
    throw error;
  } finally {
    await client.end();
  }
}
