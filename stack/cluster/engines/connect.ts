import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePrivateFolder } from '../../start/secrets.ts';
import { httpProbe } from '../../supervisor/index.ts';
import { renderProperties } from '../properties.ts';
import { ClassArchive } from './classArchive.ts';
import type { EngineContext } from './context.ts';
import { emptyFolder, javaArguments, javaEnvironment, javaOf, LOG_OPTIONS } from './java.ts';
import { ProcessEngine } from './processEngine.ts';

/** Base address of Connect's REST API. */
export const connectUrl = ({ ports }: EngineContext): string => `http://127.0.0.1:${ports.connect}`;

/**
 * Folder of files that connectors may name in their configuration (`${file:…}`, `${directory:…}`), so that passwords
 * stay out of Kafka.
 */
export const connectSecretsDir = ({ dataDir }: EngineContext): string => join(dataDir, 'connect', 'secrets');

/** Kafka Connect with Debezium's connector for PostgreSQL. */
export function connectEngine(context: EngineContext): ProcessEngine {
  const { artifacts, heapMib, ports } = context;
  const dir = join(context.dataDir, 'connect');
  let archive: ClassArchive | undefined;
  return new ProcessEngine({
    name: 'connect',
    title: 'Kafka Connect',
    needs: ['kafka'],
    logFile: context.logFile('connect'),
    stopWithinMs: 40_000,
    async prepare() {
      const { jdk } = artifacts;
      const [jars, plugins] = await Promise.all([artifacts.connectJars(), artifacts.connectPlugins()]);
      ensurePrivateFolder(dir);
      ensurePrivateFolder(connectSecretsDir(context));
      const file = join(dir, 'connect.properties');
      writeFileSync(file, renderProperties(connectProperties(context, plugins)), { mode: 0o600 });
      const main = ['-cp', join(jars, '*'), 'org.apache.kafka.connect.cli.ConnectDistributed', file];
      archive = new ClassArchive(jdk, jars, dir);
      const options = [...archive.options(), ...LOG_OPTIONS];
      const tempDir = emptyFolder(join(dir, 'temp'));
      const args = javaArguments({ jdk, heapMib: heapMib.connect, tempDir, options, main });
      return { program: javaOf(jdk), args, cwd: dir, env: javaEnvironment(jdk) };
    },
    // Answers 404 until its plugins are found, and then until it is a member of its group.
    isReady: httpProbe(`http://127.0.0.1:${ports.connect}/connector-plugins`),
    afterStop: () => archive?.keep(),
  });
}

/** A worker that is its own cluster and keeps its state in Kafka. */
export function connectProperties(context: EngineContext, plugins: string): Record<string, string | number | boolean> {
  const { ports } = context;
  return {
    'bootstrap.servers': `127.0.0.1:${ports.kafka}`,
    'group.id': 'ebap-connect',
    listeners: connectUrl(context),
    'rest.advertised.host.name': '127.0.0.1',
    'rest.advertised.port': ports.connect,
    'plugin.path': plugins,
    // Looking at every class of every jar takes eight seconds and 400 MB more.
    'plugin.discovery': 'service_load',
    'config.storage.topic': 'ebap.connect.configs',
    'offset.storage.topic': 'ebap.connect.offsets',
    'status.storage.topic': 'ebap.connect.status',
    'config.storage.replication.factor': 1,
    'offset.storage.replication.factor': 1,
    'status.storage.replication.factor': 1,
    'offset.storage.partitions': 5,
    'status.storage.partitions': 3,
    'offset.flush.interval.ms': 1_000,
    'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'key.converter.schemas.enable': false,
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': false,
    'config.providers': 'file,directory',
    'config.providers.file.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
    'config.providers.file.param.allowed.paths': connectSecretsDir(context),
    'config.providers.directory.class': 'org.apache.kafka.common.config.provider.DirectoryConfigProvider',
    'config.providers.directory.param.allowed.paths': connectSecretsDir(context),
  };
}
