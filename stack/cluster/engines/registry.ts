import { join } from 'node:path';
import pg from 'pg';
import { ensurePrivateFolder } from '../../start/secrets.ts';
import { httpProbe } from '../../supervisor/index.ts';
import { ClassArchive } from './classArchive.ts';
import type { EngineContext } from './context.ts';
import { emptyFolder, javaArguments, javaEnvironment, javaOf } from './java.ts';
import { postgresUrl } from './postgres.ts';
import { ProcessEngine } from './processEngine.ts';

/** Role and database of the registry in the platform's PostgreSQL. */
const DATABASE = 'registry';
/** What holds for subjects that do not say otherwise: the registry's own default is none. */
const COMPATIBILITY = 'BACKWARD_TRANSITIVE';

/** Base address of the Confluent REST API. */
export const registryUrl = ({ ports }: EngineContext): string => `http://127.0.0.1:${ports.registry}/apis/ccompat/v7`;

/** Apicurio Registry, which keeps its schemas in the platform's PostgreSQL. */
export function registryEngine(context: EngineContext): ProcessEngine {
  const { artifacts, heapMib, ports } = context;
  const dir = join(context.dataDir, 'registry');
  let archive: ClassArchive | undefined;
  return new ProcessEngine({
    name: 'registry',
    title: 'Schema Registry',
    needs: ['platform'],
    logFile: context.logFile('registry'),
    stopWithinMs: 40_000,
    async prepare() {
      const { jdk } = artifacts;
      const [cwd] = await Promise.all([artifacts.registryApp(), ensureDatabase(context)]);
      ensurePrivateFolder(dir);
      const main = ['-jar', join(cwd, 'quarkus-run.jar')];
      archive = new ClassArchive(jdk, cwd, dir);
      const options = archive.options();
      const tempDir = emptyFolder(join(dir, 'temp'));
      const args = javaArguments({ jdk, heapMib: heapMib.registry, tempDir, options, main });
      return { program: javaOf(jdk), args, cwd, env: { ...javaEnvironment(jdk), ...registryEnvironment(context) } };
    },
    isReady: httpProbe(`http://127.0.0.1:${ports.registry}/apis/ccompat/v7/subjects`),
    afterStop: () => archive?.keep(),
  });
}

function registryEnvironment({ ports, secrets }: EngineContext): Record<string, string> {
  return {
    QUARKUS_HTTP_HOST: '127.0.0.1',
    QUARKUS_HTTP_PORT: String(ports.registry),
    // It would listen on every address.
    QUARKUS_MANAGEMENT_HOST: '127.0.0.1',
    QUARKUS_MANAGEMENT_PORT: String(ports.registryManagement),
    APICURIO_RULES_GLOBAL_COMPATIBILITY: COMPATIBILITY,
    // A line for every request, of which health checks are most.
    QUARKUS_HTTP_ACCESS_LOG_ENABLED: 'false',
    APICURIO_STORAGE_KIND: 'sql',
    APICURIO_STORAGE_SQL_KIND: 'postgresql',
    APICURIO_DATASOURCE_URL: `jdbc:postgresql://127.0.0.1:${ports.platform}/${DATABASE}`,
    APICURIO_DATASOURCE_USERNAME: DATABASE,
    APICURIO_DATASOURCE_PASSWORD: secrets.password('postgres-registry'),
  };
}

/** Its own role, which owns its own database and nothing else. */
async function ensureDatabase(context: EngineContext): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl(context, 'platform', 'postgres') });
  try {
    await client.connect();
    const password = client.escapeLiteral(context.secrets.password('postgres-registry'));
    const role = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [DATABASE]);
    if (role.rowCount === 0) await client.query(`CREATE ROLE ${DATABASE} LOGIN PASSWORD ${password}`);
    const database = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (database.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE} OWNER ${DATABASE}`);
  } finally {
    await client.end();
  }
}
