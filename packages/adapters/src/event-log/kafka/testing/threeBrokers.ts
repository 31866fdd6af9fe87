import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CachedArtifacts } from '../../../../../../stack/cluster/artifacts/engineArtifacts.ts';
import { EngineCache } from '../../../../../../stack/cluster/artifacts/engineCache.ts';
import type { Engine } from '../../../../../../stack/cluster/engines/engine.ts';
import {
  emptyFolder,
  javaArguments,
  javaEnvironment,
  javaOf,
  LOG_OPTIONS,
} from '../../../../../../stack/cluster/engines/java.ts';
import { ProcessEngine } from '../../../../../../stack/cluster/engines/processEngine.ts';
import { findJdk, type Jdk } from '../../../../../../stack/cluster/jdk.ts';
import { freeClusterPorts } from '../../../../../../stack/cluster/ports.ts';
import { logHolds } from '../../../../../../stack/cluster/process/logFile.ts';
import { runTool } from '../../../../../../stack/cluster/process/runTool.ts';
import { renderProperties } from '../../../../../../stack/cluster/properties.ts';
import { engineCacheDir } from '../../../../../../stack/cluster/settings.ts';
import { OLDEST_JAVA } from '../../../../../../stack/cluster/versions.ts';

/** Three brokers that are the three controllers too: any one of them may go. */
export interface ThreeBrokers {
  readonly brokers: readonly string[];
  readonly engines: readonly Engine[];
  /** Ends them and removes their data. */
  remove(): Promise<void>;
}

interface NodePlace {
  readonly id: number;
  readonly dir: string;
  readonly port: number;
  readonly controllerPort: number;
}

const NODES = [1, 2, 3];
const HEAP_MIB = 256;

/** Starts them on free ports in a temporary folder. @throws AppError as `Engine.start` */
export async function startThreeBrokers(env: NodeJS.ProcessEnv): Promise<ThreeBrokers> {
  const jdk = findJdk(env, OLDEST_JAVA);
  const jars = join(await kafkaJars(env, jdk), '*');
  const folder = mkdtempSync(join(tmpdir(), 'ebap-three-brokers-'));
  const ports = Object.values(await freeClusterPorts());
  const places = NODES.map((id, n) => ({
    ...{ id, dir: join(folder, `node-${id}`) },
    ...{ port: ports[2 * n] ?? 0, controllerPort: ports[2 * n + 1] ?? 0 },
  }));
  const clusterId = `e${randomBytes(16).toString('base64url').slice(1)}`;
  const engines = places.map((place) => brokerOf(place, places, { jdk, jars, clusterId }));
  const remove = async (): Promise<void> => {
    await Promise.all(engines.map((engine) => engine.kill()));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    // A node alone is not ready: two are needed to elect the controller.
    await Promise.all(engines.map((engine) => engine.start()));
  } catch (error) {
    await remove();
    throw error;
  }
  return { brokers: places.map(({ port }) => `127.0.0.1:${port}`), engines, remove };
}

function kafkaJars(env: NodeJS.ProcessEnv, jdk: Jdk): Promise<string> {
  const cache = new EngineCache({
    dir: engineCacheDir(env),
    env: { ...env, JAVA_HOME: jdk.home },
    signal: new AbortController().signal,
    step: (_, work) => work(),
    progress: () => {},
  });
  return new CachedArtifacts(jdk, cache, env.PATH ?? '').kafkaJars();
}

interface Program {
  readonly jdk: Jdk;
  readonly jars: string;
  readonly clusterId: string;
}

function brokerOf(place: NodePlace, all: readonly NodePlace[], { jdk, jars, clusterId }: Program): Engine {
  const { dir, id } = place;
  const logFile = join(dir, 'broker.log');
  const properties = join(dir, 'server.properties');
  const java = async (options: readonly string[], main: readonly string[]): Promise<string[]> => {
    const tempDir = emptyFolder(join(dir, 'temp'));
    return javaArguments({
      ...{ jdk, heapMib: HEAP_MIB, tempDir },
      ...{ options: [...LOG_OPTIONS, ...options], main: ['-cp', jars, ...main] },
    });
  };
  let isFormatted = false;
  mkdirSync(dir, { recursive: true });
  return new ProcessEngine({
    ...{ name: 'kafka', title: `Kafka ${id}`, needs: [], logFile, stopWithinMs: 40_000 },
    async prepare() {
      const started = { cwd: dir, env: javaEnvironment(jdk) };
      // What an earlier start said must not be taken for this one's word.
      rmSync(logFile, { force: true });
      if (!isFormatted) {
        writeFileSync(properties, renderProperties(propertiesOf(place, all)));
        const format = ['format', '--cluster-id', clusterId, '--config', properties];
        await runTool(javaOf(jdk), await java([], ['kafka.tools.StorageTool', ...format]), started);
        isFormatted = true;
      }
      const saysStarted = '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info';
      return { program: javaOf(jdk), args: await java([saysStarted], ['kafka.Kafka', properties]), ...started };
    },
    isReady: async () => logHolds(logFile, 'Kafka Server started'),
  });
}

function propertiesOf({ id, dir, port, controllerPort }: NodePlace, all: readonly NodePlace[]) {
  return {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': all.map((node) => `${node.id}@127.0.0.1:${node.controllerPort}`).join(','),
    listeners: `BROKER://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `BROKER://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'BROKER',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(dir, 'data'),
    'auto.create.topics.enable': false,
    'log.message.timestamp.type': 'LogAppendTime',
    'offsets.topic.num.partitions': 3,
    'transaction.state.log.num.partitions': 3,
    'log.segment.bytes': 16 << 20,
    'log.index.size.max.bytes': 1 << 20,
    'log.cleaner.dedupe.buffer.size': 4 << 20,
    'num.network.threads': 2,
    'num.io.threads': 2,
  };
}
