import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLogger } from '@ebap/adapters/logging';
import { migrate, seed } from '@ebap/db';
import { loadWebSettings, tellNextAuthItsOrigin } from '../env.ts';
import { openStores, type Stores } from '../wiring/stores.ts';
import { startWebServer, type WebServer } from '../wiring/webServer.ts';
import { TestBrowser } from './testBrowser.ts';
import { openTestPages } from './testPages.ts';

/**
 * Imported by a name that the compiler does not follow: Next's types demand NODE_ENV in every environment, which the
 * database's own processes rightly do not have.
 */
const POSTGRES_MODULE: string = '@ebap/adapters/embedded-postgres';

interface PostgresModule {
  startEmbeddedPostgres(options: {
    readonly dataDir: string;
    readonly sharedDir: string;
    readonly password: string;
    readonly database: string;
  }): Promise<{ url(database: string): string; stop(): Promise<void> }>;
}

export const DEMO_KEY = 'ebap_demo_meridian_0123456789';

export interface WebHarness {
  readonly url: string;
  readonly internalUrl: string;
  readonly stores: Stores;
  readonly server: WebServer;
  /** Warnings and errors of the program's log. */
  readonly faults: readonly string[];
  /** Takes those out that a test expected. */
  takeFaults(isExpected: (line: string) => boolean): readonly string[];
  browser(): TestBrowser;
  stop(): Promise<void>;
}

/** The whole web process but for Next's bundle: real PostgreSQL, log, hot store, identity provider, sockets. */
export async function startWeb(): Promise<WebHarness> {
  const dir = await mkdtemp(join(tmpdir(), 'ebap-web-'));
  await chmod(dir, 0o755);
  const { startEmbeddedPostgres } = (await import(POSTGRES_MODULE)) as PostgresModule;
  const postgres = await startEmbeddedPostgres({
    dataDir: join(dir, 'postgres'),
    sharedDir: dir,
    password: randomUUID(),
    database: 'ebap',
  });
  const databaseUrl = postgres.url('ebap');
  await migrate(databaseUrl);
  await seed(databaseUrl, { demoKeys: { meridian: DEMO_KEY } });
  const [port, internalPort, workerPort] = await freePorts(3);
  const url = `http://localhost:${port}`;
  const web = loadWebSettings({
    NODE_ENV: 'production',
    EBAP_PORT: String(port),
    EBAP_INTERNAL_PORT: String(internalPort),
    EBAP_WORKER_INTERNAL_PORT: String(workerPort),
    EBAP_DATA_DIR: join(dir, 'data'),
    EBAP_DATABASE_URL: databaseUrl,
    EBAP_SESSION_SECRET: randomBytes(48).toString('base64'),
    EBAP_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    EBAP_OIDC_CLIENT_SECRET: randomBytes(32).toString('base64url'),
  });
  tellNextAuthItsOrigin(url);
  const stores = await openStores({
    settings: web.settings,
    databaseUrl,
    clientId: 'test',
    logger: openLogger('web', 'error'),
  });
  const faults: string[] = [];
  const logger = openLogger('web', 'warn', (line) => faults.push(line));
  const server = await startWebServer({ web, stores, openPages: openTestPages, logger });
  return {
    url,
    internalUrl: `http://127.0.0.1:${internalPort}`,
    stores,
    server,
    faults,
    takeFaults: (isExpected) => {
      const taken = faults.filter(isExpected);
      faults.splice(0, faults.length, ...faults.filter((line) => !isExpected(line)));
      return taken;
    },
    browser: () => new TestBrowser(url),
    stop: async () => {
      await server.stop();
      await stores.close();
      await postgres.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address === 'object' && address !== null) ports.push(address.port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
