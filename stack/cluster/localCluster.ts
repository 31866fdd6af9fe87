import { join } from 'node:path';
import { AppError } from '@ebap/pipeline/errors';
import { ensurePrivateFolder } from '../start/secrets.ts';
import { addressesOf, type ClusterAddresses } from './addresses.ts';
import { CachedArtifacts } from './artifacts/engineArtifacts.ts';
import { EngineCache } from './artifacts/engineCache.ts';
import { connectEngine } from './engines/connect.ts';
import type { EngineContext } from './engines/context.ts';
import type { Engine } from './engines/engine.ts';
import { kafkaEngine } from './engines/kafka.ts';
import { PostgresEngine } from './engines/postgres.ts';
import { redisEngine } from './engines/redis.ts';
import { registryEngine } from './engines/registry.ts';
import { findJdk } from './jdk.ts';
import { ClusterSecrets } from './secrets.ts';
import {
  type ClusterPorts,
  DEFAULT_HEAP_MIB,
  ENGINE_NAMES,
  type EngineName,
  type HeapSizes,
  OLDEST_JAVA,
} from './versions.ts';

export interface ClusterLog {
  /** Shows what is going on until the work ends. */
  step<Result>(label: string, work: () => Promise<Result>): Promise<Result>;
  /** How far a download has come. */
  progress?(text: string): void;
  /** An engine's process was started or has ended; for those who keep a record of them. */
  processes?(pids: ReadonlyMap<string, number>): void;
}

export interface LocalClusterOptions {
  /** Data, configuration, logs and secrets of the engines; created, closed to others. */
  readonly dataDir: string;
  /** Programs that were fetched; shared by all clusters of this user. */
  readonly cacheDir: string;
  readonly ports: ClusterPorts;
  /** This process's environment: `JAVA_HOME`, `PATH`, and the settings of Maven and apt. */
  readonly env: NodeJS.ProcessEnv;
  readonly log: ClusterLog;
  /** Default: all. Those that they need come with them. */
  readonly engines?: readonly EngineName[];
  readonly heapMib?: Partial<HeapSizes>;
  /** As root: where the databases lie, see `startEmbeddedPostgres`. */
  readonly sharedDir?: string;
}

/**
 * The engines of the cluster profile as processes of this machine, on 127.0.0.1. They end with this process, however
 * it goes. Each can be stopped, killed, paused and started again by itself.
 */
export class LocalCluster {
  readonly #context: EngineContext;
  readonly #engines: ReadonlyMap<EngineName, Engine>;
  readonly #artifacts: CachedArtifacts;
  readonly #abort = new AbortController();
  readonly #log: ClusterLog;
  #stopping: Promise<void> | undefined;

  /** @throws AppError `configuration` when no Java is new enough */
  constructor(options: LocalClusterOptions) {
    const { env, log, cacheDir } = options;
    this.#log = log;
    const wanted = withNeeds(options.engines ?? ENGINE_NAMES);
    const jdk = findJdk(env, OLDEST_JAVA);
    const cache = new EngineCache({
      dir: cacheDir,
      env: { ...env, JAVA_HOME: jdk.home },
      signal: this.#abort.signal,
      step: log.step.bind(log),
      progress: (text) => log.progress?.(text),
    });
    this.#artifacts = new CachedArtifacts(jdk, cache, env.PATH ?? '');
    this.#context = contextOf(options, this.#artifacts);
    this.#engines = new Map(wanted.map((name) => [name, makeEngine(name, this.#context, options.sharedDir)]));
  }

  /** Where the engines answer, with their passwords. */
  get addresses(): ClusterAddresses {
    return addressesOf(this.#context);
  }

  /** In the order of their start. */
  get engines(): readonly Engine[] {
    return [...this.#engines.values()];
  }

  /** @throws AppError `not_found` when this cluster runs without it */
  engine(name: EngineName): Engine {
    const engine = this.#engines.get(name);
    if (engine === undefined) throw new AppError('not_found', `This cluster runs without ${name}.`);
    return engine;
  }

  /**
   * Fetches what is missing.
   * @throws AppError `configuration`, `unavailable`, `cancelled`
   */
  async fetch(): Promise<void> {
    await this.#artifacts.prepare([...this.#engines.keys()]);
  }

  /**
   * Resolves when every engine answers. When one fails, all are stopped first.
   * @throws AppError as {@link Engine.start}
   */
  async start(): Promise<void> {
    ensurePrivateFolder(this.#context.dataDir);
    ensurePrivateFolder(logsIn(this.#context.dataDir));
    const started = new Map<EngineName, Promise<void>>();
    const fetched = this.fetch();
    for (const engine of this.engines) started.set(engine.name, this.#startAfter(engine, started));
    try {
      await Promise.all([fetched, ...started.values()]);
    } catch (error) {
      await this.stop();
      await Promise.allSettled([fetched, ...started.values()]);
      throw error;
    }
  }

  /** Stops all in order: none loses what it needs before it has ended. May be called again. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopInOrder();
    return this.#stopping;
  }

  /** Ends everything at once. */
  async kill(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.engines.map((engine) => engine.kill()));
  }

  /** Process ids of the engines that run. */
  pids(): ReadonlyMap<string, number> {
    return new Map(this.engines.flatMap(({ name, pid }) => (pid === undefined ? [] : [[name, pid] as const])));
  }

  async #startAfter(engine: Engine, started: ReadonlyMap<EngineName, Promise<void>>): Promise<void> {
    await Promise.all(engine.needs.map((name) => started.get(name)));
    if (this.#stopping !== undefined) throw new AppError('cancelled', 'Stopped.');
    await this.#log.step(engine.title, () => engine.start());
    this.#log.processes?.(this.pids());
  }

  async #stopInOrder(): Promise<void> {
    this.#abort.abort();
    const stopped = new Map<EngineName, Promise<void>>();
    for (const engine of this.engines.toReversed()) {
      const users = this.engines.filter(({ needs }) => needs.includes(engine.name));
      const after = Promise.all(users.map(({ name }) => stopped.get(name)));
      stopped.set(
        engine.name,
        after.then(() => engine.stop()),
      );
    }
    await Promise.all(stopped.values());
    this.#log.processes?.(this.pids());
  }
}

const logsIn = (dataDir: string): string => join(dataDir, 'logs');

function contextOf(options: LocalClusterOptions, artifacts: CachedArtifacts): EngineContext {
  const { dataDir } = options;
  return {
    dataDir,
    ports: options.ports,
    heapMib: { ...DEFAULT_HEAP_MIB, ...options.heapMib },
    secrets: new ClusterSecrets(join(dataDir, 'secrets')),
    artifacts,
    logFile: (engine) => join(logsIn(dataDir), `${engine}.log`),
  };
}

function makeEngine(name: EngineName, context: EngineContext, sharedDir: string | undefined): Engine {
  switch (name) {
    case 'platform':
    case 'source':
      return new PostgresEngine(name, context, sharedDir);
    case 'redis':
      return redisEngine(context);
    case 'kafka':
      return kafkaEngine(context);
    case 'registry':
      return registryEngine(context);
    case 'connect':
      return connectEngine(context);
  }
}

/** In the order of a start; the registry brings the platform's database, Connect brings Kafka. */
function withNeeds(wanted: readonly EngineName[]): EngineName[] {
  const all = new Set(wanted);
  if (all.has('registry')) all.add('platform');
  if (all.has('connect')) all.add('kafka');
  return ENGINE_NAMES.filter((name) => all.has(name));
}
